//! What one client receives: what it missed, then what happens, and a sign of life in between.

use std::{sync::Arc, time::Duration};

use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use service::{Actor, Db, entity::ClassId, feed};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use uuid::Uuid;

use super::{News, Seat};
use crate::{error::ApiError, metrics::Metrics, v1::feed::frame};

/// How often a client is told that the server is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events that are read at once for who comes late.
const PAGE: u64 = 500;

/// Where one stream stands.
struct Open {
    seat: Seat,
    /// Of what the client was told last.
    last: i64,
    heartbeat: Interval,
    step: Step,
}

enum Step {
    /// Say how long to wait before coming back.
    Greet,
    /// Tell what was missed.
    CatchUp,
    /// Tell what happens.
    Follow,
}

/// The stream of somebody with a seat, from a place of the feed on.
pub fn body(seat: Seat, db: Db, actor: Actor, since: i64) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let open = Open { seat, last: since, heartbeat, step: Step::Greet };
    stream::try_unfold(open, move |mut open| {
        let (db, actor) = (db.clone(), actor.clone());
        async move {
            loop {
                let text = match open.step {
                    Step::Greet => {
                        open.step = Step::CatchUp;
                        Some(Bytes::from(format!("retry: {}\n\n", retry())))
                    }
                    // Boxed, so that who only waits does not keep the room that reading takes.
                    Step::CatchUp => Some(Box::pin(open.catch_up(&db, &actor)).await?),
                    Step::Follow => open.follow().await,
                };
                match text {
                    None => return Ok(None),
                    Some(text) if text.is_empty() => {}
                    Some(text) => return Ok(Some((text, open))),
                }
            }
        }
    })
}

/// Between one and three seconds, so that those who lost a server do not come back all at once.
fn retry() -> u128 {
    1_000 + Uuid::now_v7().as_u128() % 2_000
}

impl Open {
    async fn catch_up(&mut self, db: &Db, actor: &Actor) -> Result<Bytes, ApiError> {
        let class: ClassId = self.seat.class;
        let missed = feed::changes(db, actor, class, Some(self.last), PAGE).await?;
        self.last = missed.next;
        let count = u64::try_from(missed.items.len()).unwrap_or(PAGE);
        if count < PAGE {
            self.step = Step::Follow;
        }
        self.seat.live.metrics.events_sent(count);
        Ok(missed.items.iter().map(frame).collect::<String>().into())
    }

    /// The next thing to send; none when the stream is over.
    async fn follow(&mut self) -> Option<Bytes> {
        tokio::select! {
            news = self.seat.news.recv() => news.map(|news| self.unseen(&news)),
            _ = self.heartbeat.tick() => Some(Bytes::from_static(b": still here\n\n")),
        }
    }

    /// What is new to the client, who may have been told of some while it caught up.
    fn unseen(&mut self, news: &News) -> Bytes {
        let new: Vec<&Bytes> = news.iter().filter(|frame| frame.seq > self.last).map(|frame| &frame.text).collect();
        self.last = news.last().map_or(self.last, |frame| frame.seq.max(self.last));
        let metrics: &Arc<Metrics> = &self.seat.live.metrics;
        metrics.events_sent(u64::try_from(new.len()).unwrap_or(0));
        match new.as_slice() {
            [one] => Bytes::clone(one),
            several => several.iter().flat_map(|text| text.iter().copied()).collect::<Vec<u8>>().into(),
        }
    }
}
