using System.Collections.Immutable;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>What the SQL statement does that a tool of a database runs: its first word says it.</summary>
/// <param name="Actions">What it does.</param>
/// <param name="IsRead">Whether it only reads, and the tool does nothing else than run it.</param>
/// <param name="Tables">What it works on.</param>
internal sealed record Statement(ImmutableArray<ToolAction> Actions, bool IsRead, IReadOnlyList<string> Tables)
{
    private static readonly string[] Databases = ["sql", "mysql", "postgres", "postgresql", "sqlite", "mssql", "oracle", "database", "bigquery", "snowflake", "redshift", "duckdb"];
    private static readonly string[] BeforeTable = ["update", "into", "from", "table", "join"];
    private static readonly string[] Reading = ["select", "with"];
    private static readonly string[] Writing = ["insert", "update", "delete", "drop", "alter", "create", "truncate", "merge", "grant", "revoke", "replace", "into", "copy", "call", "exec", "execute", "load_file", "pg_read_file", "lo_export", "xp_cmdshell", "dblink"];

    /// <summary>The one statement of a call; null: the tool is none of a database, or there are none or several.</summary>
    public static Statement? Of(IReadOnlyList<ArgumentLeaf> leaves, ToolEffect effect)
    {
        var commands = leaves.Where(static leaf => leaf.IsText && !leaf.IsKey && ToolEffectInference.Default.IsCommand(leaf.Name)).ToList();
        if (commands is not [{ Steps.Count: 1 } only] || !effect.Takes(only.Argument) || only.Value.AsSpan().TrimEnd().TrimEnd(';').Contains(';')
            || !(only.Name.Contains("sql", StringComparison.OrdinalIgnoreCase) || effect.Words.Overlaps(Databases)))
        {
            return null;
        }

        string[] words = [.. WordForm.Of(only.Value)];
        var tables = words.Skip(1).Where((_, i) => BeforeTable.Contains(words[i], StringComparer.Ordinal)).ToList();
        return words.Length < 2 ? null
            : Reading.Contains(words[0], StringComparer.Ordinal) && !words.Intersect(Writing, StringComparer.Ordinal).Any() ? effect.Actions.All(static action => action.Id == "run") && (effect.Reach == ToolReach.Read || !effect.Actions.IsEmpty) ? new([], IsRead: true, tables) : null
            : Writing.Contains(words[0], StringComparer.Ordinal) && ToolEffectInference.Default.Of(words[0]) is { IsRead: false } chosen ? new(chosen.Actions, IsRead: false, tables)
            : null;
    }
}
