import java.math.BigDecimal;
import java.sql.*;

/** pgjdbc, as DBeaver, Metabase and FineBI use it: address, user, password. */
public class Tool {
    static int rows(ResultSet found) throws SQLException {
        int rows = 0;
        while (found.next()) rows++;
        found.close();
        return rows;
    }

    static void check(boolean is, String what) {
        if (!is) throw new AssertionError(what);
    }

    public static void main(String[] said) throws Exception {
        try (Connection connection = DriverManager.getConnection(said[0], said[1], said[2])) {
            DatabaseMetaData facts = connection.getMetaData();
            check(facts.getDatabaseMajorVersion() == 15, "version");
            check(rows(facts.getCatalogs()) == 1, "catalogs");
            check(rows(facts.getSchemas()) >= 3, "schemas");
            check(rows(facts.getTables(null, "public", "card", new String[] {"TABLE"})) == 1, "tables");
            check(rows(facts.getColumns(null, "public", "card", "%")) == 14, "columns");
            check(rows(facts.getPrimaryKeys(null, "public", "card")) == 0, "primary keys");
            check(rows(facts.getImportedKeys(null, "public", "card")) == 0, "imported keys");
            check(rows(facts.getExportedKeys(null, "public", "card")) == 0, "exported keys");
            check(rows(facts.getIndexInfo(null, "public", "card", false, false)) == 0, "indexes");
            check(rows(facts.getTypeInfo()) > 50, "types");
            check(rows(facts.getFunctions(null, null, "%")) == 0, "functions");
            check(rows(facts.getTablePrivileges(null, "public", "card")) == 1, "privileges");
            check(facts.getMaxColumnNameLength() == 63, "names");
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            String sql = "select kind, limit_amount, used_at, active from public.card where limit_amount > ? and used_at >= ? and kind <> ? order by 2";
            try (PreparedStatement asked = connection.prepareStatement(sql)) {
                asked.setFetchSize(2);
                asked.setBigDecimal(1, new BigDecimal("150.5"));
                asked.setTimestamp(2, Timestamp.valueOf("2020-01-01 00:00:00"));
                asked.setString(3, "it's");
                // From the fifth time on it is prepared at the server, and values come in the binary format.
                for (int time = 0; time < 7; time++) check(rows(asked.executeQuery()) == 3, "rows");
                check(asked.getMetaData().getColumnTypeName(2).equals("numeric"), "types of columns");
            }
            connection.commit();
            connection.setAutoCommit(true);
            check(connection.isValid(5), "valid");
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("delete from card");
                throw new AssertionError("something was written");
            } catch (SQLException refused) {
                check(refused.getSQLState().equals("25006"), refused.getSQLState());
            }
        }
        System.out.println("all is well");
    }
}
