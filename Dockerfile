# The marketplace without its search server: one image for web, relay and every `market` verb.
FROM python:3.13-slim-bookworm AS packages
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: -r /tmp/base.txt

FROM python:3.13-slim-bookworm
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /srv/market
# An unsafe Python must not get as far as the web (see tools/selftest.py).
COPY tools/selftest.py tools/selftest.py
RUN python tools/selftest.py
COPY market market
COPY search search
COPY seeds seeds
COPY templates templates
# `market VERB` from anywhere, as in a checkout.
RUN echo /srv/market > "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/werkplatz.pth" \
    && printf '#!/bin/sh\nexec /opt/venv/bin/python -m market "$@"\n' > /opt/venv/bin/market \
    && chmod 755 /opt/venv/bin/market \
    && python -m compileall -q market search seeds \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin market \
    && install -d -o market /srv/market/var /srv/market/metrics
USER market
# Two web processes share one port; their figures are added up here.
ENV PROMETHEUS_MULTIPROC_DIR=/srv/market/metrics
EXPOSE 8000
CMD ["market", "keys", "--", "market", "serve", "--host", "0.0.0.0", "--workers", "2"]
