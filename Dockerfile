# All of Jobcell in one container: Redis, the API and a worker whose slots are processes. Build context: the repository,
# once the sandbox image is there: docker build -t jobcell-sandbox nsjail && docker build -t jobcell .
ARG SANDBOX_IMAGE=jobcell-sandbox

FROM node:24-trixie-slim AS app
WORKDIR /app
COPY package.json package-lock.json ./
COPY packages/shared/package.json packages/shared/
COPY apps/api/package.json apps/api/
COPY apps/worker/package.json apps/worker/
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
      --workspace=apps/api --workspace=apps/worker --workspace=packages/shared
COPY packages/shared packages/shared
COPY apps apps
COPY tools tools
COPY nsjail/launcher /jobcell/launcher
COPY nsjail/proof /jobcell/proof
RUN chmod -R u=rwX,go=rX /app /jobcell # whatever the checkout has

FROM ${SANDBOX_IMAGE} AS sandbox

# What the parts are started with, and the libraries that the sandbox image does not have.
FROM debian:trixie-slim AS programs
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN apt-get update && apt-get install -y --no-install-recommends redis-server tini util-linux
COPY --from=sandbox / /sandbox
RUN for program in /usr/bin/redis-server /usr/bin/tini /usr/bin/setpriv /usr/bin/flock; do \
      install -D -t /programs/opt/programs/bin "$program"; \
      ldd "$program" | grep -oE '/[^ ]+' | xargs realpath -s --relative-to=/ | sed -E 's#^lib#usr/lib#' >> /libraries; \
    done \
 && sort -u /libraries | while read -r library; do \
      [ -e "/sandbox/$library" ] || install -D -m 644 "/$library" "/programs/$library"; \
    done

FROM sandbox
LABEL org.opencontainers.image.title="jobcell"
LABEL org.opencontainers.image.description="Jobcell in one container: API, worker, sandbox and Redis"
USER 0:0
COPY --from=programs /programs /
COPY --from=node:24-trixie-slim /usr/local/bin/node /opt/programs/bin/node
COPY --from=app /jobcell /opt/jobcell
WORKDIR /app
COPY --from=app /app ./
RUN python3 -m compileall -q -f --invalidation-mode=unchecked-hash /opt/jobcell/launcher \
 && ln -s /opt/jobcell nsjail && install -d -m 700 -o 10001 -g 10001 /data
# What a jail sees of this image is /usr: nothing of Jobcell's own, and no Node. Who reaches the port is for whoever
# publishes it to say: without keys the start warns of it.
ENV NODE_ENV=production PATH=/opt/programs/bin:/usr/bin:/bin LANG=C.UTF-8 \
    HOST=0.0.0.0 PORT=8080 ALLOW_UNAUTHENTICATED=true DATA_DIR=/data SANDBOX_DRIVER=process
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s --retries=6 \
  CMD ["node", "-e", "if (!(await fetch(`http://127.0.0.1:${process.env.PORT}/health`)).ok) process.exit(1)"]
# tini waits for what is orphaned, as Node does not.
ENTRYPOINT ["tini", "--", "node", "tools/container/main.ts"]
