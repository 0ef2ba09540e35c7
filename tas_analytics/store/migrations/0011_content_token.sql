-- What the contents are known by outside the store: renewed by each commit.

insert into setting values ('content_token', cast(uuid() as varchar));
