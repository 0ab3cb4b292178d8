//! What holds for an SQLite file, whatever the engine of this run.

use sea_orm::{ConnectionTrait, Statement};

use super::*;

/// A handle on an SQLite file with the settings of production.
async fn on_file(dir: &tempfile::TempDir) -> Db {
    let config = api::config::Config {
        database: migration::DatabaseUrl::file(dir.path().join("colloquium.db")),
        ..api::config::Config::from_vars(std::collections::HashMap::new()).unwrap()
    };
    Db::connect(&config.database_options()).await.unwrap()
}

/// A setting of a connection, as text.
async fn pragma(db: &DatabaseConnection, name: &str) -> String {
    let statement =
        Statement::from_string(db.get_database_backend(), format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"));
    db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sqlite_file_is_opened_with_every_setting_that_keeps_it_safe() {
    const NAMES: [&str; 5] = ["foreign_keys", "journal_mode", "synchronous", "query_only", "secure_delete"];
    async fn settings(db: &DatabaseConnection) -> Vec<String> {
        let mut found = Vec::new();
        for name in NAMES {
            found.push(pragma(db, name).await);
        }
        found
    }
    let dir = tempfile::tempdir().unwrap();
    let db = on_file(&dir).await;
    assert_eq!(settings(db.connection()).await, ["1", "wal", "2", "0", "1"]);
    let reader = db.read(|db| async move { Ok(settings(&db).await) }).await.unwrap();
    assert_eq!(reader[..4], ["1", "wal", "2", "1"]);
    db.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reads_an_sqlite_file_cannot_write_it() {
    let dir = tempfile::tempdir().unwrap();
    let db = on_file(&dir).await;
    let write = |sql: &'static str| db.write(move |tx| async move { Ok(tx.execute_unprepared(sql).await.map(drop)?) });
    write("CREATE TABLE note (words TEXT)").await.unwrap();
    for sql in ["INSERT INTO note VALUES ('x')", "DELETE FROM note", "CREATE TABLE other (x)", "DROP TABLE note"] {
        let refused: Result<()> =
            db.read(move |db| async move { Ok(db.execute_unprepared(sql).await.map(drop)?) }).await;
        assert!(matches!(refused, Err(Error::Database(Fault::StorageReadOnly, _))), "{sql}: {refused:?}");
    }
    write("INSERT INTO note VALUES ('y')").await.unwrap();
    let found = db.read(|db| async move {
        let sql = "SELECT group_concat(words) FROM note";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
        Ok(row.unwrap().try_get_by_index::<String>(0)?)
    });
    assert_eq!(found.await.unwrap(), "y");
    db.close().await.unwrap();
}
