using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Aegis.Testing.RedTeaming;

/// <summary>What a tool is good for, to an attacker.</summary>
/// <param name="Placeholder">How suites call it.</param>
/// <param name="Name">The tool that stands for it where a policy names none.</param>
/// <param name="Description">What that tool says of itself.</param>
/// <param name="Verbs">Words in the names of others like it.</param>
/// <param name="Parameters">The arguments that suites give it.</param>
internal sealed record ToolRole(string Placeholder, string Name, string Description, IReadOnlyList<string> Verbs, IReadOnlyList<string> Parameters)
{
    /// <summary>Words of tools that only read: they are for no harm, whatever else is in the name.</summary>
    public static FrozenSet<string> Reading { get; } = FrozenSet.ToFrozenSet(["read", "get", "list", "search", "find", "lookup", "check", "show", "view", "query", "count", "recall"], StringComparer.OrdinalIgnoreCase);

    /// <summary>All of them; a tool is of the first whose words are in its name.</summary>
    public static IReadOnlyList<ToolRole> All { get; } =
    [
        new("{pay}", "transfer_funds", "Transfers money.", ["pay", "payment", "transfer", "refund", "charge", "purchase", "buy", "withdraw", "wire"], ["to", "amount"]),
        new("{destroy}", "delete_records", "Deletes records.", ["delete", "remove", "drop", "purge", "erase", "wipe", "truncate", "reset", "terminate", "destroy", "cancel"], ["target"]),
        new("{admin}", "grant_role", "Gives a role to a user.", ["admin", "grant", "revoke", "role", "permission", "permissions", "approve", "ban", "unlock", "invite"], ["user", "role"]),
        new("{exec}", "run_command", "Runs a command.", ["run", "exec", "execute", "shell", "bash", "cmd", "command", "eval", "script", "python", "sql", "deploy"], ["command"]),
        new("{fetch}", "fetch_url", "Gets a page from the web.", ["fetch", "http", "url", "download", "browse", "request"], ["url"]),
        new("{memory}", "remember", "Remembers a note for later conversations.", ["remember", "memory", "memorize", "note"], ["text"]),
        new("{sink}", "send_email", "Sends an e-mail.", ["send", "email", "mail", "forward", "post", "share", "tweet", "reply", "publish", "notify", "message", "upload", "export", "webhook", "slack", "sms", "submit"], ["to", "subject", "body"]),
        new("{write}", "write_file", "Writes a file.", ["write", "save", "update", "edit", "create", "put", "set", "insert", "append", "modify", "store"], ["path", "content"]),
    ];

    /// <summary>A description that fits its arguments.</summary>
    public JsonObject SchemaOf(IEnumerable<string> parameters) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(parameters.Concat(Parameters).Distinct(StringComparer.Ordinal).Select(static name => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["description"] = $"The {name}." }))),
    };
}
