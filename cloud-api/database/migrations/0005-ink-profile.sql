-- Which measurement of its inks a hub draws a display with; null for the usual one.
alter table display add column profile text;
alter table presentation add column profile text;
