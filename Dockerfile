# One image for portal, worker and beat; compose.yaml says which one a container is.
FROM python:3.11.14-slim-bookworm AS packages
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /opt/strongroom
COPY requirements*.txt ./
COPY kb/__init__.py kb/bootstrap.py kb/errors.py kb/
RUN python -m kb.bootstrap --torch-index "$TORCH_INDEX"

FROM python:3.11.14-slim-bookworm
WORKDIR /opt/strongroom
# A new volume takes the owner of the folder that it covers.
RUN useradd --uid 10001 --no-create-home strongroom \
    && install --directory --owner strongroom --group strongroom --mode 0700 /var/lib/strongroom
COPY --from=packages /opt/strongroom/.venv .venv
COPY . .
RUN .venv/bin/python -m compileall -q kb inference ingestion
ENV PATH=/opt/strongroom/.venv/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    STRONGROOM_VAR=/var/lib/strongroom
USER 10001:10001
EXPOSE 8000
