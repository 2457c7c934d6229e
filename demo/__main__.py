"""`make run`: the demo company's night, against replicas of its platforms on loopback."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from demo.company import AS_OF, generate
from demo.deploy import write_home
from demo.replica import ReplicaServer
from lake.privacy import KEY_VARIABLE
from orchestration.cli import call

DEMO_KEY = "demo-key-of-an-invented-company"  # protects nobody: every customer here is invented


def main() -> int:
    """Write the demo deployment, run its night through `voc run`, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".demo"), help="default: %(default)s")
    parser.add_argument("--as-of", default=AS_OF.isoformat(), help="default: %(default)s")
    parser.add_argument("--scale", type=float, default=1.0, help="size, default: %(default)s")
    arguments = parser.parse_args()
    os.environ.setdefault(KEY_VARIABLE, DEMO_KEY)

    home = arguments.home.resolve()
    print(f"Writing the demo company 云雾茶 Yunwu Tea to {home} …", file=sys.stderr)
    company = generate(scale=arguments.scale)
    with ReplicaServer(company) as replica:
        write_home(home, company, replica_url=replica.url)
        print(f"Its platforms are replicas on {replica.url}, for this run only.", file=sys.stderr)
        return call(["run", "--home", str(home), "--as-of", arguments.as_of])


if __name__ == "__main__":
    sys.exit(main())
