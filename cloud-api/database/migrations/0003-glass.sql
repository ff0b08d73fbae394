-- A glass shows one thing: at most one presentation of a display is confirmed, and it is found at once.
create unique index presentation_on_glass on presentation (household_id, display_id) where state = 'confirmed';

create index presentation_command on presentation (household_id, command_id) where command_id is not null;
