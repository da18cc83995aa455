"""Text that speaks to a language model instead of a reader."""

from inference.injection.detect import instruction_in

__all__ = ["instruction_in"]
