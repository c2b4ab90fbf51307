# One image for web, worker and beat; docker-compose.yml says which is which.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY .ci/packages .ci/
RUN .ci/packages image && rm -rf /var/lib/apt/lists/*

# requirements-s3.txt where files are to lie in S3-compatible storage
ARG REQUIREMENTS=requirements.txt
COPY requirements*.txt ./
RUN pip install --require-hashes -r $REQUIREMENTS

COPY . .
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        [ ! -e "$po" ] || msgfmt --check-format -o "${po%.po}.mo" "$po"; \
    done \
    && SECRET_KEY=of-the-build-only DATABASE_URL=sqlite://:memory: python manage.py collectstatic --no-input \
    && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin portal \
    && mkdir -p var/media var/trail \
    && chown -R portal: var

USER portal
EXPOSE 8000
CMD ["gunicorn", "wfh_portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
