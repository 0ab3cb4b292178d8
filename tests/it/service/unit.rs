//! Units of work: all or nothing, one after the other, whatever becomes of those who asked for them.

mod file;

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    task::{Context, Waker},
    time::{Duration, Instant},
};

use entity::{Moment, sign_in_attempt};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DatabaseConnection, EntityTrait, ExprTrait, IntoActiveModel, sea_query::Expr,
};
use service::{
    Db, Error, Mishap, Result,
    db::{Fault, Tx},
};
use tests::{
    TestApp,
    database::{Engine, engine},
};
use tokio::sync::Semaphore;

/// A row by number: this table points at nothing, so a row can stand for anything.
fn row(number: u32) -> sign_in_attempt::ActiveModel {
    sign_in_attempt::ActiveModel {
        email_hash: Set(number.to_be_bytes().to_vec()),
        failures: Set(0),
        failed_at: Set(Moment(0)),
        locked_until: Set(Moment(0)),
    }
}

/// Adds a row.
async fn add(tx: &Tx, number: u32) -> Result<()> {
    row(number).insert(&**tx).await?;
    Ok(())
}

/// Counts one more in the row, reading first as use cases do.
async fn count(tx: &Tx) -> Result<()> {
    let found = sign_in_attempt::Entity::find_by_id(0_u32.to_be_bytes().to_vec()).one(&**tx).await?;
    let before = found.ok_or(Error::NotFound)?;
    let failures = before.failures;
    let mut after = before.into_active_model();
    after.failures = Set(failures + 1);
    after.update(&**tx).await?;
    Ok(())
}

/// The numbers of the rows there are.
async fn numbers(db: &DatabaseConnection) -> Vec<u32> {
    let rows = sign_in_attempt::Entity::find().all(db).await.unwrap();
    let mut numbers: Vec<u32> =
        rows.iter().map(|row| u32::from_be_bytes(row.email_hash.as_slice().try_into().unwrap())).collect();
    numbers.sort_unstable();
    numbers
}

/// A handle of its own on the same database: what it reads was committed. In memory there is only one.
async fn fresh(app: &TestApp) -> Db {
    match engine() {
        Engine::Memory => app.db.clone(),
        Engine::Sqlite | Engine::Postgres => Db::connect(&app.config.database_options()).await.unwrap(),
    }
}

/// Tells, when it is dropped, that the unit it came from is over and committed or rolled back.
struct Over(mpsc::Sender<()>);

impl Drop for Over {
    fn drop(&mut self) {
        // Nobody may be listening any more.
        self.0.send(()).unwrap_or_default();
    }
}

/// Starts a future and lets go of it, as a server does when the connection is reset.
fn start_and_drop<T>(future: impl Future<Output = T>) {
    let mut future = pin!(future);
    drop(future.as_mut().poll(&mut Context::from_waker(Waker::noop())));
}

/// A server whose units may wait long for their turn: here two hundred stand in line on a machine that does other things.
fn patient() -> TestApp {
    TestApp::with(|config| config.acquire_timeout = Duration::from_secs(60))
}

/// Waits for `count` signals.
fn wait(signals: &mpsc::Receiver<()>, count: usize) {
    for _ in 0..count {
        signals.recv_timeout(Duration::from_secs(60)).expect("a unit did not come to its end");
    }
}

#[test]
fn a_unit_is_kept_whole_or_not_at_all() {
    let app = TestApp::start();
    app.run(async {
        let kept = app.db.write(|tx| async move {
            add(&tx, 1).await?;
            add(&tx, 2).await?;
            Ok("kept")
        });
        assert_eq!(kept.await.unwrap(), "kept");
        let failed: Result<()> = app
            .db
            .write(|tx| async move {
                add(&tx, 3).await?;
                Err(Error::Stale)
            })
            .await;
        assert!(matches!(failed, Err(Error::Stale)), "{failed:?}");
        // What the database refuses is refused with everything before it.
        let taken: Result<()> = app
            .db
            .write(|tx| async move {
                add(&tx, 4).await?;
                add(&tx, 1).await
            })
            .await;
        assert!(matches!(taken, Err(Error::Database(Fault::Unique, _))), "{taken:?}");
        assert_eq!(numbers(app.db.connection()).await, [1, 2]);
    });
}

#[test]
fn two_units_at_once_both_count() {
    let app = TestApp::start();
    app.run(async {
        app.db.write(|tx| async move { add(&tx, 0).await }).await.unwrap();
        let both = tokio::join!(
            app.db.write(|tx| async move { count(&tx).await }),
            app.db.write(|tx| async move { count(&tx).await })
        );
        both.0.unwrap();
        both.1.unwrap();
        let row = sign_in_attempt::Entity::find().one(app.db.connection()).await.unwrap().unwrap();
        assert_eq!(row.failures, 2);
    });
}

#[test]
fn eight_writers_lose_no_update_and_meet_no_error() {
    let app = TestApp::start();
    app.run(async {
        app.db.write(|tx| async move { add(&tx, 0).await }).await.unwrap();
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let db = app.db.clone();
                tokio::spawn(async move {
                    for _ in 0..25 {
                        db.write(|tx| async move { count(&tx).await }).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        let row = sign_in_attempt::Entity::find().one(fresh(&app).await.connection()).await.unwrap().unwrap();
        assert_eq!(row.failures, 200);
    });
}

#[test]
fn units_in_turn_wait_for_each_other_instead_of_being_tried_again() {
    let app = patient();
    app.run(async {
        app.db.write(|tx| async move { add(&tx, 0).await }).await.unwrap();
        let tries = Arc::new(AtomicU32::new(0));
        let units: Vec<_> = (0..60)
            .map(|_| {
                let (db, tries) = (app.db.clone(), Arc::clone(&tries));
                tokio::spawn(async move {
                    db.write_in_turn(move |tx| async move {
                        tries.fetch_add(1, Ordering::SeqCst);
                        let one_more = Expr::col(sign_in_attempt::Column::Failures).add(1);
                        let rows = sign_in_attempt::Entity::update_many();
                        rows.col_expr(sign_in_attempt::Column::Failures, one_more).exec(&*tx).await?;
                        Ok(())
                    })
                    .await
                })
            })
            .collect();
        for unit in units {
            unit.await.unwrap().unwrap();
        }
        let row = sign_in_attempt::Entity::find().one(app.db.connection()).await.unwrap().unwrap();
        assert_eq!((row.failures, tries.load(Ordering::SeqCst)), (60, 60));
    });
}

#[test]
fn a_unit_goes_on_when_its_caller_goes_away() {
    let app = TestApp::start();
    let (sender, over) = mpsc::channel();
    let (reached, half_way) = mpsc::channel();
    app.run(async {
        let gate = Arc::new(Semaphore::new(0));
        let (db, held) = (app.db.clone(), Arc::clone(&gate));
        let caller = tokio::spawn(async move {
            db.write(move |tx| async move {
                add(&tx, 1).await?;
                reached.send(()).unwrap();
                held.acquire().await.unwrap().forget();
                add(&tx, 2).await?;
                Ok(Over(sender))
            })
            .await
        });
        wait(&half_way, 1);
        caller.abort();
        assert!(caller.await.is_err_and(|error| error.is_cancelled()));
        gate.add_permits(1);
    });
    wait(&over, 1);
    app.run(async {
        let db = fresh(&app).await;
        assert_eq!(numbers(db.connection()).await, [1, 2]);
        app.db.write(|tx| async move { add(&tx, 3).await }).await.unwrap();
        assert_eq!(numbers(db.connection()).await, [1, 2, 3]);
    });
}

#[test]
fn units_whose_callers_went_away_leave_every_later_write_intact() {
    let app = patient();
    let (sender, over) = mpsc::channel();
    app.run(async {
        for number in 0..200 {
            let over = Arc::new(Over(sender.clone()));
            // Every fourth fails half-way.
            start_and_drop(app.db.write(move |tx| async move {
                add(&tx, 2 * number).await?;
                if number % 4 == 0 {
                    return Err(Error::Stale);
                }
                add(&tx, 2 * number + 1).await?;
                Ok(over)
            }));
        }
        for number in 1_000..1_050 {
            app.db.write(move |tx| async move { add(&tx, number).await }).await.unwrap();
        }
    });
    wait(&over, 200);
    app.run(async {
        let whole = (0..200).filter(|n| n % 4 != 0).flat_map(|n| [2 * n, 2 * n + 1]);
        let expected: Vec<u32> = whole.chain(1_000..1_050).collect();
        assert_eq!(numbers(fresh(&app).await.connection()).await, expected);
        app.db.probe().await.unwrap();
    });
}

#[test]
fn reads_whose_callers_went_away_leave_every_later_write_intact() {
    let app = patient();
    let (sender, over) = mpsc::channel();
    app.run(async {
        for _ in 0..100 {
            let over = Over(sender.clone());
            start_and_drop(app.db.read(move |db| async move {
                numbers(&db).await;
                Ok(over)
            }));
            start_and_drop(app.db.probe());
        }
        for number in 0..50 {
            app.db.write(move |tx| async move { add(&tx, number).await }).await.unwrap();
        }
    });
    wait(&over, 100);
    app.run(async {
        assert_eq!(numbers(fresh(&app).await.connection()).await, (0..50).collect::<Vec<_>>());
    });
}

#[test]
fn a_unit_that_panics_is_an_error_and_leaves_nothing_behind() {
    let app = TestApp::start();
    app.run(async {
        for number in 0..10 {
            let panicked: Result<()> = app
                .db
                .write(move |tx| async move {
                    add(&tx, number).await?;
                    panic!("on purpose");
                })
                .await;
            assert!(matches!(panicked, Err(Error::Mishap(Mishap::UnitPanicked))), "{panicked:?}");
        }
        let read: Result<()> = app.db.read(|_| async { panic!("on purpose") }).await;
        assert!(matches!(read, Err(Error::Mishap(Mishap::UnitPanicked))), "{read:?}");
        for number in 100..110 {
            app.db.write(move |tx| async move { add(&tx, number).await }).await.unwrap();
        }
        assert_eq!(numbers(fresh(&app).await.connection()).await, (100..110).collect::<Vec<_>>());
        app.db.probe().await.unwrap();
    });
}

#[test]
fn a_unit_that_others_were_in_the_way_of_is_tried_again_whole() {
    let app = TestApp::start();
    app.run(async {
        let tries = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&tries);
        let done = app.db.write(move |tx| async move {
            add(&tx, 1).await?;
            match counted.fetch_add(1, Ordering::SeqCst) {
                0..3 => Err(Error::Contention),
                _ => Ok(()),
            }
        });
        done.await.unwrap();
        assert_eq!(tries.load(Ordering::SeqCst), 4);
        assert_eq!(numbers(app.db.connection()).await, [1]);

        // Not for ever; and what else goes wrong goes wrong once.
        for (error, expected) in [(|| Error::Contention) as fn() -> Error, || Error::NotFound].into_iter().zip([10, 1])
        {
            let tries = Arc::new(AtomicU32::new(0));
            let counted = Arc::clone(&tries);
            let failed: Result<()> = app
                .db
                .write(move |_| async move {
                    counted.fetch_add(1, Ordering::SeqCst);
                    Err(error())
                })
                .await;
            assert_eq!(failed.unwrap_err().name(), error().name());
            assert_eq!(tries.load(Ordering::SeqCst), expected);
        }
    });
}

#[test]
fn a_probe_says_whether_the_database_answers() {
    let app = TestApp::start();
    app.run(async {
        app.db.probe().await.unwrap();
        app.db.close().await.unwrap();
        let closed = app.db.probe().await;
        assert!(matches!(closed, Err(Error::Database(Fault::Unavailable, _))), "{closed:?}");
        let written = app.db.write(|tx| async move { add(&tx, 1).await }).await;
        assert!(matches!(written, Err(Error::Database(Fault::Unavailable, _))), "{written:?}");
    });
}

#[test]
fn closing_waits_for_a_unit_under_way_but_not_for_ever() {
    let app = TestApp::start();
    let (reached, half_way) = mpsc::channel();
    let (sender, over) = mpsc::channel();
    let gate = Arc::new(Semaphore::new(0));
    app.run(async {
        let held = Arc::clone(&gate);
        start_and_drop(app.db.write(move |tx| async move {
            add(&tx, 1).await?;
            reached.send(()).unwrap();
            held.acquire().await.unwrap().forget();
            Ok(Over(sender))
        }));
        wait(&half_way, 1);
        let begun = Instant::now();
        let closed = app.db.close().await;
        assert!(matches!(closed, Err(Error::Mishap(Mishap::CloseTimedOut))), "{closed:?}");
        assert!((4..20).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        // The unit ends as it should, and then the close does too.
        gate.add_permits(1);
        wait(&over, 1);
        app.db.close().await.unwrap();
        if engine() != Engine::Memory {
            assert_eq!(numbers(fresh(&app).await.connection()).await, [1]);
        }
    });
}
