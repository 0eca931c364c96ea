/** What is put into the bundles that benchmarks and system tests install and remove. */
package org.wherefore.benchmarks.probe;
