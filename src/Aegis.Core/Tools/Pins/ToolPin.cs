namespace Aegis.Tools;

/// <summary>What a tool was when it was approved: SHA-256 over its name, description, title, schema and annotations, kept per server. It says nothing of what the tool does.</summary>
public sealed record ToolPin
{
    internal const int MaxServer = 256;

    private const int Digits = 64;

    /// <summary>A pin as a store has kept it.</summary>
    /// <param name="server">See <see cref="Server"/>.</param>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="content">See <see cref="Content"/>.</param>
    /// <exception cref="ArgumentException">One of them cannot be part of a pin.</exception>
    public ToolPin(string server, string name, string content)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(content);
        Server = server.Length <= MaxServer && !server.Any(char.IsControl) ? server : throw new ArgumentException($"A server's name has at most {MaxServer} characters and no control characters.", nameof(server));
        Name = ToolName.IsWellFormed(name) ? name : throw new ArgumentException($"A tool's name has 1 to {ToolName.MaxLength} characters and no control characters.", nameof(name));
        Content = content.Length == Digits && content.All(char.IsAsciiHexDigitLower) ? content : throw new ArgumentException($"A content is {Digits} hexadecimal digits in lower case.", nameof(content));
        Hash = ToolFingerprint.Named(name, content);
    }

    /// <summary>Where the tool comes from: see <see cref="ToolInfo.Server"/>.</summary>
    /// <value>Empty: the app itself.</value>
    public string Server { get; }

    /// <summary>The tool's name.</summary>
    public string Name { get; }

    /// <summary>SHA-256 over everything but the name, by which a tool is known that was renamed: 64 hexadecimal digits.</summary>
    public string Content { get; }

    /// <summary>SHA-256 over name and <see cref="Content"/>: 64 hexadecimal digits. Which of <c>-</c>, <c>_</c> and <c>.</c> separates words in the name does not count.</summary>
    public string Hash { get; }

    internal (string Server, string Name) Key => (Server, Glob.Folded(Name));

    /// <summary>The pin of a tool as it is now.</summary>
    /// <param name="tool">The tool.</param>
    /// <returns>The pin.</returns>
    /// <exception cref="ArgumentException">The tool's name or server cannot be part of a pin.</exception>
    public static ToolPin Of(ToolInfo tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return new(tool.Server ?? "", tool.Name, ToolFingerprint.Content(tool));
    }
}
