package org.wherefore.domain.ecommerce.internal;

import java.util.List;

/**
 * One product of the sample shop.
 *
 * @param price in the shop's currency, two decimals
 * @param companion id of the product that buying this one leads to, or empty
 * @param caused whether it is only ever bought because of another product
 */
record Product(String id, String title, String category, String brand, String price, List<String> attributes,
        String description, String companion, boolean caused) {
    /** Neither leads to a purchase nor is led to. */
    boolean plain() {
        return companion.isEmpty() && !caused;
    }
}
