"""Events in over the network: durable before they are acknowledged, landed like any file.

Owns everything between a request and a batch: HTTP, the spool under ``landing/_spool/`` and the
moment at which it is landed. What an event is, duplicates, rejects and the batch itself are
``bursar.landing``'s alone. The core is `bursar.listener.intake`, which knows no HTTP.
"""
