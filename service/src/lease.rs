//! Leases: of several servers on one database, one does the work, and another when that one is gone.

use entity::{
    Moment, ServerId,
    lease::{ActiveModel, COLUMN, Entity},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use time::Duration;

use crate::{Error, Result};

/// How long a lease holds without being prolonged.
pub(crate) const HELD: Duration = Duration::minutes(15);

/// Takes or prolongs the lease of this name in the unit of work at hand; whether it is the server's own now.
///
/// A lease that ends far in the future was taken while a clock was wrong, and holds nobody up.
pub(crate) async fn hold(db: &impl ConnectionTrait, name: &'static str, server: ServerId, at: Moment) -> Result<bool> {
    let lease = ActiveModel { name: Set(name.to_owned()), holder: Set(server), until: Set(at.plus(HELD)) };
    let free = Condition::any()
        .add(COLUMN.holder.eq(server))
        .add(COLUMN.until.lte(at))
        .add(COLUMN.until.gt(at.plus(HELD * 2)));
    let taken = Entity::update_many().set(lease.clone()).filter(COLUMN.name.eq(name)).filter(free).exec(db).await?;
    if taken.rows_affected > 0 {
        return Ok(true);
    }
    if Entity::find_by_id(name).one(db).await?.is_some() {
        return Ok(false);
    }
    lease.insert(db).await.map_err(|error| Error::on_unique(error, || Error::Contention))?;
    Ok(true)
}
