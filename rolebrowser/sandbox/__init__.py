"""A small AWS and real database servers on this machine, for the demo and for the tests.

Only the demo starts it, in a process of its own: everything else meets it as it meets AWS, over
HTTP and TLS.
"""
