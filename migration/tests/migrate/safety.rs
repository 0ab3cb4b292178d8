//! What must hold when things go wrong or happen at once.

use std::{sync::atomic::Ordering, time::Duration};

use migration::{MigrationError, Migrator, rebuild, runner, schema::shape};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use sea_orm_migration::SchemaManager;

use crate::{
    lists::{self, Careless, Failing, Healed, Lossy, NAIVE, REACHED, Rebuilding, Stuck},
    place::{Place, all, count, number, test},
};

async fn has_half(place: &Place) -> bool {
    SchemaManager::new(&place.look().await).has_table("half").await.unwrap()
}

#[test]
fn eight_at_once_all_succeed_and_each_migration_is_applied_once() {
    test(|place| async move {
        let tasks = (0..8).map(|_| {
            let url = place.url.clone();
            tokio::spawn(async move { migration::up(&url).await })
        });
        let tasks: Vec<_> = tasks.collect();
        let mut applied = 0;
        for task in tasks {
            applied += task.await.unwrap().unwrap().migrations.len();
        }
        assert_eq!(applied, all());
        assert_eq!(count(&place.look_at_url().await, "seaql_migrations").await, i64::try_from(all()).unwrap());
    });
}

#[test]
fn a_failing_migration_leaves_nothing_and_the_next_run_heals() {
    test(|place| async move {
        let error = place.up::<Failing>().await.unwrap_err();
        let MigrationError::Failed { migration, .. } = &error else { panic!("{error}") };
        assert_eq!(migration, "m20990101_000002_failing");
        assert!(error.to_string().contains("nothing was changed"), "{error}");
        // Not even those before it in the same run, nor the record of migrations.
        let db = place.look().await;
        assert!(shape(&db).await.unwrap().tables.is_empty());
        assert!(!SchemaManager::new(&db).has_table("seaql_migrations").await.unwrap());

        place.populated().await;
        place.up::<Failing>().await.unwrap_err();
        assert!(!has_half(&place).await);
        assert_eq!(count(&place.look().await, "message").await, 2);

        assert_eq!(place.up::<Healed>().await.unwrap().migrations, ["m20990101_000002_failing"]);
        assert!(has_half(&place).await);
    });
}

#[test]
fn a_run_given_up_in_the_middle_leaves_nothing_and_frees_the_lock() {
    test(|place| async move {
        let url = place.url.clone();
        let run = tokio::spawn(async move { runner::up::<Stuck>(&url).await });
        while !REACHED.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        run.abort();
        run.await.unwrap_err();
        let healed = tokio::time::timeout(Duration::from_secs(30), runner::up::<Healed>(&place.url));
        assert_eq!(healed.await.unwrap().unwrap().migrations.len(), all() + 1);
    });
}

/// The tables that [`Place::populated`] fills, and how many rows each has.
const FILLED: [(&str, i64); 4] = [("user", 1), ("class", 1), ("conversation", 1), ("message", 2)];

#[test]
fn rebuilding_a_parent_keeps_its_children() {
    test(|place| async move {
        let db = place.populated().await;
        let before = shape(&db).await.unwrap();
        place.up::<Rebuilding>().await.unwrap();
        let db = place.look().await;
        let mut after = shape(&db).await.unwrap();
        let columns = &mut after.tables.get_mut("user").unwrap().columns;
        columns.retain(|column| column.name != "initial");
        assert_eq!(after, before);
        for (table, rows) in FILLED {
            assert_eq!(count(&db, table).await, rows, "{table}");
        }
        let filled = "SELECT count(*) AS n FROM \"user\" WHERE initial IN ('A', '-') AND email = 'a@b.c'";
        assert_eq!(number(&db, filled).await, 1);
        // The rows below still hang on it.
        db.execute_unprepared("DELETE FROM \"user\"").await.unwrap();
        assert_eq!(count(&db, "message").await, 0);
    });
}

#[test]
fn rebuilding_a_parent_without_the_runner_is_refused_because_its_children_would_go() {
    test(|place| async move {
        let db = place.populated().await;
        let manager = SchemaManager::new(&db);
        let error = rebuild::table(&manager, "user", &mut lists::user(), &[]).await.unwrap_err().to_string();
        assert_eq!((count(&db, "user").await, count(&db, "message").await), (1, 2));
        if place.is_postgres() {
            assert!(error.contains("ALTER TABLE"), "{error}");
            eprintln!("the naive way is about SQLite alone");
            return;
        }
        assert!(error.contains("foreign keys are not enforced"), "{error}");
        for statement in NAIVE {
            db.execute_unprepared(statement).await.unwrap();
        }
        let mut left = Vec::new();
        for (table, _) in FILLED {
            left.push(count(&db, table).await);
        }
        assert_eq!(left, [1, 0, 0, 0], "what the helper is there for");
    });
}

#[test]
fn a_migration_that_takes_children_along_is_undone() {
    test(|place| async move {
        let db = place.populated().await;
        let careless = place.up::<Careless>().await.unwrap_err();
        let expected = if place.is_postgres() { "rows in class" } else { "which do not exist, in conversation" };
        assert!(careless.to_string().contains(expected), "{careless}");
        let lossy = place.up::<Lossy>().await.unwrap_err();
        assert!(lossy.to_string().contains("0 of 2 rows in message"), "{lossy}");
        assert_eq!((count(&db, "class").await, count(&db, "message").await), (1, 2));
        assert_eq!(count(&db, "seaql_migrations").await, i64::try_from(all()).unwrap());
    });
}

#[test]
fn foreign_keys_hold_again_afterwards() {
    test(|place| async move {
        let db = place.populated().await;
        place.up::<Failing>().await.unwrap_err();
        place.down::<Migrator>(0).await.unwrap();
        db.execute_unprepared("DELETE FROM \"user\"").await.unwrap();
        for table in ["class", "conversation", "message"] {
            assert_eq!(count(&db, table).await, 0, "{table}");
        }
    });
}

#[test]
fn authorship_is_set_to_null_and_containment_cascades() {
    test(|place| async move {
        let db = place.populated().await;
        let roots = "DELETE FROM message WHERE parent_id IS NULL";
        db.execute_unprepared(roots).await.unwrap();
        assert_eq!(number(&db, "SELECT count(*) AS n FROM message WHERE parent_id IS NULL").await, 1);
        db.execute_unprepared("DELETE FROM class").await.unwrap();
        assert_eq!((count(&db, "conversation").await, count(&db, "message").await), (0, 0));
        assert_eq!(count(&db, "user").await, 1);
    });
}

#[test]
fn a_word_outside_its_list_is_refused() {
    test(|place| async move {
        let db = place.populated().await;
        for statement in [
            "UPDATE class SET status = 'gone'",
            "UPDATE \"user\" SET site_role = 'root'",
            "UPDATE message SET role = 'User'",
        ] {
            db.execute_unprepared(statement).await.unwrap_err();
        }
    });
}

#[test]
fn a_sqlite_pool_of_several_connections_is_refused() {
    test(|place| async move {
        let path = place.directory.path().join("many.db");
        let mut options = ConnectOptions::new(format!("sqlite:{}?mode=rwc", path.display()));
        options.max_connections(2).sqlx_logging(false);
        let db = Database::connect(options).await.unwrap();
        let error = migration::up_on(&db).await.unwrap_err();
        assert!(matches!(error, MigrationError::NotDedicated), "{error}");
        assert!(shape(&db).await.unwrap().tables.is_empty());
    });
}
