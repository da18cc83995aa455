"""Where things are on a page of a PDF: pdfium counts from below, a reader from above, as the text stands upright."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pypdfium2 import PdfMatrix, PdfObject, PdfPage


class Box(NamedTuple):
    """A place in points of the page's own grid, which counts from below."""

    left: float
    bottom: float
    right: float
    top: float


class Frame(NamedTuple):
    """A place in points from the upper left corner of the upright page."""

    left: float
    top: float
    right: float
    bottom: float


class Upright:
    """A page turned clockwise by a multiple of 90 degrees, so that its text stands upright. Its own “rotation” is for
    the screen and says nothing of the text.
    """

    def __init__(self, page: "PdfPage", turned: int) -> None:
        self._page = Box(*page.get_bbox())
        self.turned = turned
        width, height = self._page.right - self._page.left, self._page.top - self._page.bottom
        self.width, self.height = (height, width) if self.turned in {90, 270} else (width, height)

    def frame(self, box: Box) -> Frame:
        x0, y0 = self._point(box.left, box.bottom)
        x1, y1 = self._point(box.right, box.top)
        return Frame(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        page = self._page
        match self.turned:
            case 90:
                return y - page.bottom, x - page.left
            case 180:
                return page.right - x, y - page.bottom
            case 270:
                return page.top - y, page.right - x
            case _:
                return x - page.left, page.top - y


def bounds(drawn: "PdfObject") -> Box:
    """Where it is on the page, also when it is drawn inside another drawing."""
    box = Box(*drawn.get_bounds())
    matrix = outer_matrix(drawn)
    if matrix is None:
        return box
    corners = [matrix.on_point(x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)]
    across, up = zip(*corners, strict=True)
    return Box(min(across), min(up), max(across), max(up))


def outer_matrix(drawn: "PdfObject") -> "PdfMatrix | None":
    """What the drawings around this one do to it; None where it stands on the page itself."""
    matrix, outer = None, drawn.container
    while outer is not None:
        matrix = outer.get_matrix() if matrix is None else matrix.multiply(outer.get_matrix())
        outer = outer.container
    return matrix
