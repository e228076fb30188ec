import unittest

import helper


class Total(unittest.TestCase):
    def test_total(self):
        self.assertEqual(helper.total([1, 2]), 3)
