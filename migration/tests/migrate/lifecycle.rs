//! Up, down, status, fresh.

use migration::{DatabaseUrl, MigrationError, Migrator, SchemaState, schema::shape};
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use crate::{
    lists::Newer,
    place::{all, count, number, test},
};

#[test]
fn up_down_up_leaves_the_same_shape() {
    test(|place| async move {
        let applied = place.up::<Migrator>().await.unwrap().migrations;
        assert_eq!(applied.len(), all());
        assert_eq!(place.up::<Migrator>().await.unwrap().migrations, Vec::<String>::new());
        let db = place.look().await;
        let first = shape(&db).await.unwrap();
        for steps in 1..=all() {
            let mut undone = place.down::<Migrator>(steps).await.unwrap().migrations;
            undone.reverse();
            assert_eq!(undone, applied[all() - steps..]);
            assert_eq!(shape(&db).await.unwrap().tables.is_empty(), steps == all());
            assert_eq!(place.up::<Migrator>().await.unwrap().migrations, undone);
            assert_eq!(shape(&db).await.unwrap(), first);
        }
        assert_eq!(place.down::<Migrator>(99).await.unwrap().migrations.len(), all());
        assert_eq!(place.down::<Migrator>(1).await.unwrap().migrations.len(), 0);
    });
}

#[test]
fn the_names_sort_as_they_are_applied() {
    test(|place| async move {
        let applied = place.up::<Migrator>().await.unwrap().migrations;
        assert!(applied.is_sorted(), "{applied:?}");
        assert_eq!(applied.len(), Migrator::migrations().len());
    });
}

#[test]
fn the_state_of_the_schema_is_told_without_writing() {
    test(|place| async move {
        let db = place.look().await;
        let SchemaState::Behind { pending } = migration::check(&db).await.unwrap() else { panic!() };
        assert_eq!(pending.len(), all());
        assert_eq!(migration::pending(&db).await.unwrap(), pending);
        assert!(shape(&db).await.unwrap().tables.is_empty());
        let table = "seaql_migrations";
        assert!(!sea_orm_migration::SchemaManager::new(&db).has_table(table).await.unwrap());

        place.up::<Migrator>().await.unwrap();
        assert_eq!(migration::check(&db).await.unwrap(), SchemaState::Current);
        place.down::<Migrator>(1).await.unwrap();
        assert_eq!(migration::pending(&db).await.unwrap(), pending[all() - 1..]);
    });
}

#[test]
fn a_newer_database_is_refused_by_name() {
    test(|place| async move {
        place.up::<Newer>().await.unwrap();
        let db = place.look().await;
        let unknown = vec!["m20990101_000001_later".to_owned()];
        assert_eq!(migration::check(&db).await.unwrap(), SchemaState::Ahead { unknown });
        for error in [
            place.up::<Migrator>().await.unwrap_err(),
            place.down::<Migrator>(1).await.unwrap_err(),
            migration::pending(&db).await.unwrap_err(),
        ] {
            let error = error.to_string();
            assert!(error.contains("newer than this program") && error.contains("m20990101_000001_later"), "{error}");
        }
        assert_eq!(count(&db, "seaql_migrations").await, i64::try_from(all() + 1).unwrap());
        // What could not be taken back is not dropped either.
        assert_eq!(number(&db, "SELECT count(*) AS n FROM message").await, 0);
    });
}

#[test]
fn status_makes_nothing() {
    test(|place| async move {
        let before = migration::status(&place.url).await.unwrap();
        assert!(before.len() == all() && before.iter().all(|(_, applied)| !applied));
        assert_eq!(std::fs::read_dir(place.directory.path()).unwrap().count(), 0);

        migration::up(&place.url).await.unwrap();
        migration::down(&place.url, 1).await.unwrap();
        let applied: Vec<bool> = migration::status(&place.url).await.unwrap().into_iter().map(|(_, on)| on).collect();
        assert_eq!(applied.iter().filter(|on| !**on).count(), 1);
        assert_eq!(applied.last(), Some(&false));
        assert!(migration::status(&DatabaseUrl::memory()).await.unwrap().iter().all(|(_, applied)| !applied));
    });
}

#[test]
fn fresh_drops_what_is_ours_and_is_refused_in_production() {
    test(|place| async move {
        migration::up(&place.url).await.unwrap();
        let db = place.look_at_url().await;
        for statement in [
            "CREATE TABLE theirs (id integer)",
            "INSERT INTO theirs VALUES (1)",
            "INSERT INTO sign_in_attempt VALUES ('x', 1, 1, 1)",
        ] {
            db.execute_unprepared(statement).await.unwrap();
        }
        let error = migration::fresh(&place.url, true).await.unwrap_err();
        assert!(matches!(error, MigrationError::Production));
        assert!(error.to_string().contains("COLLOQUIUM_PROFILE"));
        assert_eq!(count(&db, "sign_in_attempt").await, 1);

        assert_eq!(migration::fresh(&place.url, false).await.unwrap().migrations.len(), all());
        let db = place.look_at_url().await;
        assert_eq!((count(&db, "sign_in_attempt").await, count(&db, "theirs").await), (0, 1));
    });
}

#[test]
fn a_file_is_made_with_its_directory_and_journal_only_where_the_address_allows_it() {
    test(|place| async move {
        let path = place.directory.path().join("deep/er/a.db");
        let text = format!("sqlite://{}", path.display());
        let error = migration::up(&text.parse().unwrap()).await.unwrap_err().to_string();
        assert!(error.contains("a.db") && error.contains("?mode=rwc"), "{error}");
        assert!(!path.parent().unwrap().exists());

        migration::up(&format!("{text}?mode=rwc").parse().unwrap()).await.unwrap();
        let header = std::fs::read(&path).unwrap();
        assert_eq!(header[18..20], [2, 2], "both format versions say WAL");
        migration::up(&text.parse().unwrap()).await.unwrap();
        migration::up(&format!("{text}?mode=ro").parse().unwrap()).await.unwrap();
        migration::down(&format!("{text}?mode=ro").parse().unwrap(), 1).await.unwrap_err();
        let missing = path.with_file_name("b.db");
        let error = migration::down(&DatabaseUrl::file(&missing), 1).await.unwrap_err();
        assert!(matches!(error, MigrationError::NoFile { .. }) && !missing.exists(), "{error}");

        let error = migration::up(&DatabaseUrl::memory()).await.unwrap_err();
        assert!(matches!(error, MigrationError::Memory));
    });
}
