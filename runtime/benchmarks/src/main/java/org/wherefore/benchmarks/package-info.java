/** Benchmarks: contenders that alternate in one run, and a load generator. */
package org.wherefore.benchmarks;
