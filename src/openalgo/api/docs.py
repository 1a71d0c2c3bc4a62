"""The documentation page at `/api/docs`, served whole from here: no other host is asked."""

import asyncio
from importlib.resources import files

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from openalgo.api.envelope import encode

OPENAPI_PATH = "/api/v1/openapi.json"
DOCS_PATH = "/api/docs"

_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>OpenAlgo API</title>
<link rel="icon" href="{DOCS_PATH}/ui/favicon-32x32.png">
<link rel="stylesheet" href="{DOCS_PATH}/ui/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{DOCS_PATH}/ui/swagger-ui-bundle.js"></script>
<script src="{DOCS_PATH}/start.js"></script>
</body>
</html>
"""
# `validatorUrl: null`: the badge would send the document's address to another host.
_START = f"""SwaggerUIBundle({{
  url: "{OPENAPI_PATH}",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
}});
"""
# Swagger UI draws with inline styles and data: images; scripts come from here only.
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home() -> RedirectResponse:
    return RedirectResponse(DOCS_PATH)


@router.get(DOCS_PATH)
async def docs_page() -> HTMLResponse:
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get(OPENAPI_PATH)
async def document(request: Request) -> Response:
    # Made when it is first asked for, which takes half a second of Python: a thread gives way.
    made = await asyncio.to_thread(request.app.openapi)
    return Response(encode(made), media_type="application/json")


@router.get(f"{DOCS_PATH}/start.js")
async def docs_start() -> Response:
    return Response(_START, media_type="text/javascript")


def install_docs(app: FastAPI) -> None:
    """Serve the page and the files of Swagger UI, which the package `fastapi-swagger` carries."""
    app.router.routes.extend(router.routes)
    assets = files("fastapi_swagger") / "resources"
    app.mount(f"{DOCS_PATH}/ui", StaticFiles(directory=str(assets)), name="docs_ui")
