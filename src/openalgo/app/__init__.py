"""The composition root: every object is made here, and every task is started and stopped here.

`assembled` is the whole server but its listeners, put together from one function a room; `serve`
listens, `explain` answers from the stores alone.
"""

from openalgo.app.assembly import Parts, assembled
from openalgo.app.explaining import explain
from openalgo.app.serving import serve

__all__ = ["Parts", "assembled", "explain", "serve"]
