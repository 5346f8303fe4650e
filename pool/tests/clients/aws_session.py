"""The AWS CLI's own driver, kept running: a call costs no start of Python.

Each line of standard input is a JSON list of arguments as one gives them to `aws`; each line of
standard output is what came of it.
"""

import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver

for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = create_clidriver().main(json.loads(line))
    result = {"code": code, "stdout": out.getvalue(), "stderr": err.getvalue()}
    print(json.dumps(result), flush=True)
