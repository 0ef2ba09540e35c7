-- What was known of each deal's assessment and of each competitor's in it, derived from the ratings.
create table assessment_profile (
    opportunity_key integer not null,
    competitor varchar not null,
    valid_from date not null,
    valid_to date,
    assessed_on date not null,
    c1 tinyint,
    c2 tinyint,
    c3 tinyint,
    c4 tinyint,
    c5 tinyint,
    c6 tinyint,
    c7 tinyint,
    c8 tinyint,
    c9 tinyint,
    c10 tinyint,
    c11 tinyint,
    c12 tinyint,
    c13 tinyint,
    c14 tinyint,
    c15 tinyint,
    c16 tinyint,
    c17 tinyint,
    c18 tinyint,
    c19 tinyint,
    c20 tinyint,
    built_from ubigint not null
);
comment on table assessment_profile is 'The newest rating of each criterion, by deal and rated party, and on which days it was.';
comment on column assessment_profile.opportunity_key is 'Record of the deal.';
comment on column assessment_profile.competitor is 'Who is rated. Blank: we are.';
comment on column assessment_profile.valid_from is 'First day on which this is what was known.';
comment on column assessment_profile.valid_to is 'Day from which something else was known; blank while it still is.';
comment on column assessment_profile.assessed_on is 'Day of the last assessment known.';
comment on column assessment_profile.c1 is 'Customer''s application or project: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c2 is 'Customer''s business profile: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c3 is 'Customer''s financial condition: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c4 is 'Access to funds: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c5 is 'Compelling event: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c6 is 'Formal decision criteria: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c7 is 'Solution fit: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c8 is 'Sales resource requirements: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c9 is 'Current relationship: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c10 is 'Unique business value: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c11 is 'Inside support: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c12 is 'Executive credibility: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c13 is 'Cultural compatibility: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c14 is 'Informal decision criteria: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c15 is 'Political alignment: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c16 is 'Short-term revenue: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c17 is 'Future revenue: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c18 is 'Profitability: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c19 is 'Degree of risk: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.c20 is 'Strategic value: 1 for +, 0 for ?, -1 for -, blank if never rated.';
comment on column assessment_profile.built_from is 'A number that changes with the ratings of the deal.';

-- Ratings that are there already.
insert into assessment_profile by name
select p.*, d.built_from from (
    with rating as (
        select v.opportunity_key, coalesce(trim(regexp_replace(v.competitor, '\s+', ' ', 'g')), '') as competitor,
            try_cast(v.criterion as tinyint) as criterion,
            cast(case v.rating when '+' then 1 when '?' then 0 when '-' then -1 end as tinyint) as score,
            coalesce(v.assessed_on, l.as_of) as assessed_on, v.assessed_on is not null as is_dated,
            cast(v.valid_from as date) as known_from, cast(v.valid_to as date) as known_to
        from assessment_version v
        join load l on l.load_id = v.load_id
        where v.opportunity_key is not null and v.rating in ('+', '?', '-')
            and try_cast(v.criterion as tinyint) between 1 and 20 
    ),
            point as (
                select opportunity_key, competitor, greatest(assessed_on, known_from) as day from rating
                union
                select opportunity_key, competitor, known_to from rating where known_to > greatest(assessed_on, known_from)
            ),
            stood as (
                select p.opportunity_key, p.competitor, p.day, max(r.assessed_on) as assessed_on, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 1) as c1, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 2) as c2, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 3) as c3, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 4) as c4, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 5) as c5, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 6) as c6, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 7) as c7, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 8) as c8, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 9) as c9, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 10) as c10, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 11) as c11, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 12) as c12, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 13) as c13, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 14) as c14, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 15) as c15, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 16) as c16, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 17) as c17, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 18) as c18, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 19) as c19, arg_max(r.score, (r.assessed_on, r.is_dated, r.score)) filter (where r.criterion = 20) as c20
                from point p
                left join rating r on r.opportunity_key = p.opportunity_key and r.competitor = p.competitor
                    and r.assessed_on <= p.day and r.known_from <= p.day and (r.known_to is null or r.known_to > p.day)
                group by all
            ),
            spanned as (
                select opportunity_key, competitor, day as valid_from, lead(day) over (partition by opportunity_key, competitor order by day) as valid_to,
                    assessed_on, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20
                from stood
            )
            select * from spanned where assessed_on is not null
) p
join (
    select opportunity_key, cast(bit_xor(hash(record_key, valid_from, valid_to, load_id, competitor, criterion, rating,
        assessed_on)) as ubigint) as built_from
    from assessment_version where opportunity_key is not null  group by opportunity_key
) d using (opportunity_key);
