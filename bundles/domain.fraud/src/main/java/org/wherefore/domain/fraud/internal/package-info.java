/** The fraud pack and its simulated transactions. */
package org.wherefore.domain.fraud.internal;
