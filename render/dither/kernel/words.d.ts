/** A whole number of 32 bits: AssemblyScript's word for it, so that one source serves both compilers. */
declare type i32 = number;
