/** Which version answers a request, how versions come to answer and leave again, and the watch over those that are new. */
package org.wherefore.core.internal.serve;
