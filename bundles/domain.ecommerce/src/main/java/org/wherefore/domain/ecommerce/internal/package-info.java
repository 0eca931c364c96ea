/** The shop pack. */
package org.wherefore.domain.ecommerce.internal;
