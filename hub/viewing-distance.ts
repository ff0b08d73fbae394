/** From where a panel on a desk or beside a door is read; whoever hangs one across the room says so. */
export const USUAL_VIEWING_DISTANCE_MM = 500;
