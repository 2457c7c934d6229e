"""Replicas of platforms on loopback, and the failures they play on request.

`with ReplicaServer(sites=[HeimaoSite(sample_rows(30))], failures=[Ban(after=5)]) as replica:`
"""

from demo.replica.exchange import Answer, Asked, Site
from demo.replica.server import ReplicaServer, Served
from demo.replica.sites.company import CFPB_PATH

__all__ = ["CFPB_PATH", "Answer", "Asked", "ReplicaServer", "Served", "Site"]
