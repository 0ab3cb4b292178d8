//! Traces: each request is a span, sent to a collector by OTLP over HTTP. Nothing of it runs where no collector is named.

use std::{future::Future, pin::Pin, time::Duration};

use opentelemetry::trace::{Status, TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Span, Subscriber, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use ureq::Agent;
use url::Url;

/// How long a collector may take for one batch, and what is left at the end.
const WITHIN: Duration = Duration::from_secs(2);

/// Where spans go.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends spans to the collector at `endpoint`, in batches, from a thread of its own.
    ///
    /// # Errors
    /// When the exporter cannot be built; a collector that does not answer costs its spans and nothing else.
    pub fn to(endpoint: &Url) -> Result<Self, ExporterBuildError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/')))
            .with_timeout(WITHIN)
            .build()?;
        let resource = Resource::builder().with_service_name("colloquium").build();
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
    }

    /// What turns the spans of requests, and nothing else, into spans to send: no line of the log goes along.
    pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("colloquium"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == REQUESTS))
    }

    /// Sends what is left. Takes two seconds at most.
    pub fn flush(&self) {
        if self.0.shutdown_with_timeout(WITHIN).is_err() {
            warn!("the last spans did not reach their collector");
        }
    }
}

/// The target of the spans of requests.
const REQUESTS: &str = "api::request";

/// Says on the request's span what became of it, in the words of OpenTelemetry. Does nothing where no span is sent.
pub fn answered(route: &str, method: &'static str, status: u16, code: Option<&'static str>) {
    let span = Span::current();
    span.set_attribute("http.route", route.to_owned());
    span.set_attribute("http.request.method", method);
    span.set_attribute("http.response.status_code", i64::from(status));
    if let Some(code) = code {
        span.set_attribute("error.type", code);
    }
    if status >= 500 {
        span.set_status(Status::error(code.unwrap_or_default()));
    }
}

/// Carries batches. The exporter calls it on its own thread, so it may block.
#[derive(Debug)]
struct Client(Agent);

impl Client {
    fn new() -> Self {
        let config = Agent::config_builder().timeout_global(Some(WITHIN)).max_redirects(0).http_status_as_error(false);
        Self(config.build().into())
    }
}

impl HttpClient for Client {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let answer = self.0.run(request.map(|body| body.to_vec()));
            let answer = answer.inspect_err(|error| warn!(cause = %error, "spans did not reach their collector"))?;
            if !answer.status().is_success() {
                warn!(status = answer.status().as_u16(), "the collector refused spans");
            }
            let (parts, mut body) = answer.into_parts();
            Ok(Response::from_parts(parts, body.read_to_vec()?.into()))
        })
    }
}
