"""A connection that failed → whether it did because a server's certificate cannot be trusted, and what to do (pure)."""

import ssl

MEND = (
    "nothing was sent; check the address and this machine's clock, and where a company signs its own certificates "
    "name its file in SSL_CERT_FILE"
)


def distrusted(error: BaseException) -> str:
    """Return why a certificate was refused, such as "self-signed certificate"; "" where it was something else.

    Libraries wrap the refusal in errors of their own: what an error came from is looked at too.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message or "it is not valid"
        cause = cause.__cause__ or cause.__context__
    return ""
