"""What a submission may import, as its ``submission.toml`` declares it: pinned, built once, shown in the box, named in evidence.

locks    three formats of lock files become one list of pins
wheels   what a submission carries along, looked at before anything is unpacked
shelf    environments built once, each under the digest of what it is built from
chosen   from a declaration to the environment of a run
"""
