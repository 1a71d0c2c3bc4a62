FROM node:22-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY docs/ui-openapi.json ../docs/
COPY web ./
RUN npm run build


FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# The requirements change less often than the code, so they are a layer of their own.
COPY requirements/run.lock requirements/build.lock requirements/
RUN python -m venv /app \
    && /app/bin/pip install --require-hashes -r requirements/run.lock \
    && pip install --require-hashes -r requirements/build.lock

COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY src src
COPY --from=web /build/web/dist web/dist
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /app/bin/pip install --no-deps --no-index dist/*.whl


FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin openalgo \
    && install --directory --owner openalgo --group openalgo --mode 0700 /data
COPY --from=build /app /app

ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    OPENALGO_DATA_DIR=/data \
    FLASK_HOST_IP=0.0.0.0 \
    WEBSOCKET_HOST=0.0.0.0
USER openalgo
WORKDIR /data
VOLUME /data
EXPOSE 5000 8765

HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('FLASK_PORT', '5000') + '/health/live', timeout=4)"]
CMD ["openalgo", "serve", "--host", "0.0.0.0"]
