//! The feed: whoever reads on from where they were misses nothing.

use std::sync::{Arc, mpsc};

use entity::{Audience, ClassId, Moment, event};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use service::{
    Db, Error, Result,
    feed::{self, Change, Kind},
};
use tests::TestApp;
use tokio::sync::Semaphore;

/// Tells of one change of a class.
async fn tell(tx: &service::db::Tx, class: ClassId, at: Moment) -> Result<()> {
    let mut turn = feed::turn(&**tx, class, at).await?;
    let (kind, object) = (Kind::ClassChanged, ClassId::new().0);
    turn.tell(&**tx, Change { kind, object, conversation: None, audience: Audience::Class, user: None }).await
}

/// The places in the feed after `since`.
async fn places(db: &Db, class: ClassId, since: i64) -> Vec<i64> {
    let rows = db.read(move |db| async move {
        let after = event::Entity::find().filter(event::COLUMN.class_id.eq(class)).filter(event::COLUMN.seq.gt(since));
        Ok(after.order_by_asc(event::Column::Seq).all(&db).await?)
    });
    rows.await.unwrap().into_iter().map(|row| row.seq).collect()
}

/// What a reader has heard who reads on from the last place each time.
async fn read_on(db: &Db, class: ClassId, heard: &mut Vec<i64>) {
    heard.extend(places(db, class, heard.last().copied().unwrap_or(0)).await);
}

fn class(app: &TestApp) -> ClassId {
    app.person("ana").opens_class("Logic").parse().unwrap()
}

#[test]
fn places_are_committed_in_their_order_however_many_write() {
    let app = TestApp::start();
    let class = class(&app);
    app.run(async {
        let before = places(&app.db, class, 0).await.len();
        let writers: Vec<_> = (0..8_i64)
            .map(|writer| {
                let db = app.db.clone();
                tokio::spawn(async move {
                    for turn in 0..10 {
                        // Each by another clock, and all of them slow.
                        let at = Moment(1_700_000_000_000_000 + writer * 1_000 - turn);
                        db.write_in_turn(move |tx| async move { tell(&tx, class, at).await }).await.unwrap();
                    }
                })
            })
            .collect();
        let mut heard = Vec::new();
        while writers.iter().any(|writer| !writer.is_finished()) {
            read_on(&app.db, class, &mut heard).await;
        }
        for writer in writers {
            writer.await.unwrap();
        }
        read_on(&app.db, class, &mut heard).await;
        assert_eq!(heard, places(&app.db, class, 0).await);
        assert_eq!(heard.len(), before + 80);
        assert!(heard.is_sorted_by(|one, next| one < next), "{heard:?}");
    });
}

#[test]
fn nothing_is_skipped_while_one_writer_is_held_and_a_later_one_wants_to_commit() {
    let app = TestApp::start();
    let class = class(&app);
    app.run(async {
        let (gate, (here, arrived)) = (Arc::new(Semaphore::new(0)), mpsc::channel());
        let mut heard = Vec::new();
        read_on(&app.db, class, &mut heard).await;
        let before = heard.len();
        let slow = tokio::spawn({
            let (db, gate, here) = (app.db.clone(), Arc::clone(&gate), here.clone());
            async move {
                db.write_in_turn(move |tx| async move {
                    tell(&tx, class, Moment(1_700_000_000_000_000)).await?;
                    here.send(()).unwrap_or_default();
                    let passed = gate.acquire().await;
                    passed.map(|_| ()).map_err(|_| Error::Stale)
                })
                .await
            }
        });
        tokio::task::block_in_place(|| arrived.recv()).unwrap();
        let later = tokio::spawn({
            let db = app.db.clone();
            async move {
                let wanting = move |tx| async move { tell(&tx, class, Moment(1_700_000_000_000_001)).await };
                db.write_in_turn(wanting).await
            }
        });
        // In memory there is one connection, and it is the writer's.
        let resumed = tokio::spawn({
            let (db, mut heard) = (app.db.clone(), heard.clone());
            async move {
                for _ in 0..50 {
                    read_on(&db, class, &mut heard).await;
                }
                heard
            }
        });
        if tests::database::engine() == tests::database::Engine::Memory {
            gate.add_permits(1);
        }
        heard = resumed.await.unwrap();
        gate.add_permits(1);
        slow.await.unwrap().unwrap();
        later.await.unwrap().unwrap();
        read_on(&app.db, class, &mut heard).await;
        assert_eq!(heard, places(&app.db, class, 0).await);
        assert_eq!(heard.len(), before + 2);
    });
}

#[test]
fn places_are_of_the_clock_at_the_turn_and_as_far_apart_as_chance_has_it() {
    let app = TestApp::start();
    let class = class(&app);
    app.clock.advance(time::Duration::minutes(1));
    let now = Moment::from(app.clock.now()).0;
    app.run(async {
        let before = places(&app.db, class, 0).await.last().copied().unwrap_or(0);
        assert!(before < now);
        for _ in 0..60 {
            // The request is older than its turn.
            app.db
                .write_in_turn(move |tx| async move { tell(&tx, class, Moment(now - 30_000_000)).await })
                .await
                .unwrap();
        }
        let told = places(&app.db, class, before).await;
        assert_eq!((told.len(), told[0]), (60, now));
        let gaps: Vec<i64> = told.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().all(|gap| (1..=1_000).contains(gap)), "{gaps:?}");
        let distinct: std::collections::BTreeSet<&i64> = gaps.iter().collect();
        assert!(distinct.len() > 30, "{gaps:?}");
    });
}

#[test]
fn nobody_takes_the_turn_of_a_class_that_is_not_there() {
    let app = TestApp::start();
    app.run(async {
        let told = app.db.write_in_turn(|tx| async move { tell(&tx, ClassId::new(), Moment(1)).await }).await;
        assert!(matches!(told, Err(Error::NotFound)), "{told:?}");
    });
}
