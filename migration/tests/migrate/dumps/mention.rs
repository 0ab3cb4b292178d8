//! Names in words that were there before mentions became references.

use migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};

use super::versions;
use crate::place::test;

const BEFORE: &str = "m20261125_000008_reader";
const MENTION: &str = "m20261129_000009_mention";

/// The made-up names of the first two members in the first class, as `service` makes them.
const MADE_UP: [&str; 2] = ["River Newt 3100", "Harbour Beaver 8673"];

async fn run(db: &DatabaseConnection, query: &str, values: Vec<Value>) {
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), query, values)).await.unwrap();
}

/// The words of all comments, in the order of their ids.
async fn bodies(db: &DatabaseConnection) -> Vec<String> {
    let query = "SELECT body FROM comment ORDER BY id";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "body").unwrap()).collect()
}

/// What `"user"`, `comment` and so on have as their nth id.
fn nth(table: &str, n: usize) -> String {
    format!("(SELECT id FROM \"{table}\" ORDER BY id LIMIT 1 OFFSET {})", n - 1)
}

#[test]
fn words_get_references_where_it_is_clear_who_is_meant_and_names_again_on_the_way_back() {
    test(|place| async move {
        let db = place.restored(BEFORE).await;
        let [first, second] = MADE_UP;
        let words = [
            format!("@Ana Müller and @Ben O'Neill, @Ana Müllerin; @{second}! @陈 Cem 🙂"),
            "@Ben O'Neill is two".to_owned(),
            "Nobody @ all".to_owned(),
        ];
        for query in [
            "UPDATE class SET naming = 'pseudonyms'".to_owned(),
            format!("UPDATE enrolment SET role = 'student', class_id = {}", nth("class", 1)),
            format!("UPDATE \"user\" SET display_name = 'Ben O''Neill' WHERE id = {}", nth("user", 3)),
            format!("INSERT INTO mention (comment_id, user_id) VALUES ({}, {})", nth("comment", 1), nth("user", 2)),
            format!("INSERT INTO mention (comment_id, user_id) VALUES ({}, {})", nth("comment", 2), nth("user", 3)),
        ] {
            run(&db, &query, vec![]).await;
        }
        for (n, body) in words.iter().enumerate() {
            let query = format!("UPDATE comment SET body = $1 WHERE id = {}", nth("comment", n + 1));
            run(&db, &query, vec![body.clone().into()]).await;
        }
        let index = versions().iter().position(|version| version == MENTION).unwrap();
        super::VERSION.scope(index + 1, place.up::<super::First>()).await.unwrap();
        let woven =
            ["\u{1}a and \u{1}b, @Ana Müllerin; \u{1}b! @陈 Cem 🙂".to_owned(), words[1].clone(), words[2].clone()];
        assert_eq!(bodies(&place.look().await).await, woven);
        // Down, others read what they knew: the made-up names.
        super::VERSION.scope(index + 1, place.down::<super::First>(1)).await.unwrap();
        let back = format!("@{first} and @{second}, @Ana Müllerin; @{second}! @陈 Cem 🙂");
        assert_eq!(bodies(&place.look().await).await, [back, words[1].clone(), words[2].clone()]);
        place.up::<Migrator>().await.unwrap();
        assert_eq!(bodies(&place.look().await).await, woven);
    });
}
