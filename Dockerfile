# Two programs and nothing else: `colloquium` and `migration`, in an image without a shell, run by nobody in particular.
#     docker build -t colloquium .
# docs/operations.md says how it is run; docker-compose.yml is a whole installation.

FROM rust:1.95-bookworm AS build
# The image's own toolchain is the one that rust-toolchain.toml names; its other components are not needed here.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package api --package migration \
    && install -D -t /out/usr/local/bin target/release/colloquium target/release/migration \
    && mkdir /out/data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out/usr /usr
# The only place that is written to. The root file system may be mounted read-only.
COPY --from=build --chown=65532:65532 /out/data /data
ENV COLLOQUIUM_PROFILE=production \
    COLLOQUIUM_BIND=0.0.0.0:8080 \
    COLLOQUIUM_DATA_DIR=/data
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/usr/local/bin/colloquium", "health"]
ENTRYPOINT ["/usr/local/bin/colloquium"]
