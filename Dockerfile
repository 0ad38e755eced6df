# SPDX-License-Identifier: Apache-2.0
# limphome as an image for CI: docker build -t limphome . (docs/ci.md says what rights a container needs)

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY . .
RUN ./dev package

FROM debian:bookworm-slim
COPY --from=build /src/build/package/limphome_*.deb /tmp/limphome.deb
RUN apt-get update \
 && apt-get install -y --no-install-recommends /tmp/limphome.deb \
 && rm -rf /var/lib/apt/lists/* /tmp/limphome.deb \
 && useradd --create-home --uid 1000 limphome
USER limphome
WORKDIR /home/limphome
CMD ["limphome", "help"]
