"""Sign-in with the OpenID Connect provider of one's company: OIDC Core 1.0, PKCE (RFC 7636), `iss` (RFC 9207),
RP-initiated and back-channel logout. Authlib speaks the protocol; what it leaves open is closed here.
"""
