namespace Aegis.Policies.Documents;

/// <summary>The members of argument rules, for the table of <see cref="PolicyShape"/>.</summary>
internal static class ArgumentShape
{
    private static readonly FlagShape Flag = new();

    private static readonly OptionalValueShape<int> Count = new(new NumberShape<int>(0));

    private static readonly OptionalValueShape<decimal> Bound = new(new NumberShape<decimal>(decimal.MinValue, decimal.MaxValue));

    private static readonly ObjectShape<ArgumentPathPolicy> Path = new(
        static () => new(),
        new Member<ArgumentPathPolicy, IReadOnlyList<string>?>("under", "Folders that it must be in, all of one kind; null: anywhere.", static part => part.Under, static (part, value) => part with { Under = value }, List(ArgumentKinds.Folder)),
        new Member<ArgumentPathPolicy, string?>("base", "Where a relative path starts; null: it is refused.", static part => part.Base, static (part, value) => part with { Base = value }, new OptionalShape<string>(new TextShape(ArgumentKinds.Folder))),
        new Member<ArgumentPathPolicy, IReadOnlyList<string>>("deny", "Globs over the whole path, or without a separator over each name in it. Adds to what is extended.", static part => part.Deny, static (part, value) => part with { Deny = value }, new ListShape(ArgumentKinds.Glob, adds: true)),
        new Member<ArgumentPathPolicy, IReadOnlyList<string>>("deny!", "The same; replaces what is extended.", static part => part.Deny, static (part, value) => part with { Deny = value }, new ListShape(ArgumentKinds.Glob)) { IsVariant = true });

    private static readonly ObjectShape<ArgumentUrlPolicy> Url = new(
        static () => new(),
        new Member<ArgumentUrlPolicy, IReadOnlyList<string>?>("hosts", "Globs over hosts; null: any host.", static part => part.Hosts, static (part, value) => part with { Hosts = value }, List(ArgumentKinds.Host)),
        new Member<ArgumentUrlPolicy, IReadOnlyList<string>>("deny", "Globs over hosts that it may not lead to, nor to what lies below them. Adds to what is extended.", static part => part.Deny, static (part, value) => part with { Deny = value }, new ListShape(ArgumentKinds.Host, adds: true)),
        new Member<ArgumentUrlPolicy, IReadOnlyList<string>>("deny!", "The same; replaces what is extended.", static part => part.Deny, static (part, value) => part with { Deny = value }, new ListShape(ArgumentKinds.Host)) { IsVariant = true },
        new Member<ArgumentUrlPolicy, IReadOnlyList<string>?>("schemes", "Schemes; null: http and https, and a host alone.", static part => part.Schemes, static (part, value) => part with { Schemes = value }, List(ArgumentKinds.Scheme)),
        new Member<ArgumentUrlPolicy, IReadOnlyList<int>?>("ports", "Ports; null: that of the scheme.", static part => part.Ports, static (part, value) => part with { Ports = value }, new OptionalShape<IReadOnlyList<int>>(new PortsShape())),
        new Member<ArgumentUrlPolicy, bool>("allowPrivate", "Whether private, loopback, link-local and reserved addresses may be meant.", static part => part.AllowPrivate, static (part, value) => part with { AllowPrivate = value }, Flag));

    private static readonly ObjectShape<ArgumentCommandPolicy> Command = new(
        static () => new(),
        new Member<ArgumentCommandPolicy, IReadOnlyList<string>?>("allow", "Beginnings of commands: a program, or a program and its first arguments; null: any.", static part => part.Allow, static (part, value) => part with { Allow = value }, List(ArgumentKinds.Command)),
        new Member<ArgumentCommandPolicy, IReadOnlyList<string>>("deny", "Commands that may not be, looked for at every word. Adds to what is extended.", static part => part.Deny, static (part, value) => part with { Deny = value }, new ListShape(ArgumentKinds.Command, adds: true)),
        new Member<ArgumentCommandPolicy, IReadOnlyList<string>>("deny!", "The same; replaces what is extended.", static part => part.Deny, static (part, value) => part with { Deny = value }, new ListShape(ArgumentKinds.Command)) { IsVariant = true },
        new Member<ArgumentCommandPolicy, IReadOnlyList<string>>("shell", "What of a shell may be used: pipe, chain, redirect, expand.", static part => part.Shell, static (part, value) => part with { Shell = value }, new ListShape(ArgumentKinds.Shell)));

    /// <summary>What must hold for one argument.</summary>
    public static ObjectShape<ArgumentPolicy> Argument { get; } = new(
        static () => new(),
        new Member<ArgumentPolicy, ArgumentType?>("type", "What it is; a text that says a number is a text; null: anything.", static part => part.Type, static (part, value) => part with { Type = value }, new OptionalValueShape<ArgumentType>(new ChoiceShape<ArgumentType>(("string", ArgumentType.String), ("number", ArgumentType.Number), ("integer", ArgumentType.Integer), ("boolean", ArgumentType.Boolean), ("object", ArgumentType.Object), ("array", ArgumentType.Array)))),
        new Member<ArgumentPolicy, IReadOnlyList<string>?>("enum", "The values that it may have, to the letter; null: any.", static part => part.Enum, static (part, value) => part with { Enum = value }, List(ArgumentKinds.Value)),
        new Member<ArgumentPolicy, string?>("pattern", "A glob over the whole text; null: any.", static part => part.Pattern, static (part, value) => part with { Pattern = value }, new OptionalShape<string>(new TextShape(ArgumentKinds.Glob))),
        new Member<ArgumentPolicy, decimal?>("minimum", "A number, at least; null: no bound.", static part => part.Minimum, static (part, value) => part with { Minimum = value }, Bound),
        new Member<ArgumentPolicy, decimal?>("maximum", "A number, at most; null: no bound.", static part => part.Maximum, static (part, value) => part with { Maximum = value }, Bound),
        new Member<ArgumentPolicy, int?>("minLength", "Characters of a text, at least; null: no bound.", static part => part.MinLength, static (part, value) => part with { MinLength = value }, Count),
        new Member<ArgumentPolicy, int?>("maxLength", "Characters of a text, at most; null: no bound.", static part => part.MaxLength, static (part, value) => part with { MaxLength = value }, Count),
        new Member<ArgumentPolicy, int?>("maxItems", "Items of a list or members of an object, at most; null: no bound.", static part => part.MaxItems, static (part, value) => part with { MaxItems = value }, Count),
        new Member<ArgumentPolicy, IReadOnlyList<string>?>("keys", "Globs over the names that the members of an object may have; null: any.", static part => part.Keys, static (part, value) => part with { Keys = value }, List(ArgumentKinds.Glob)),
        new Member<ArgumentPolicy, bool>("required", "Whether a call without it, or with null, is refused.", static part => part.Required, static (part, value) => part with { Required = value }, Flag),
        new Member<ArgumentPolicy, bool>("forbidden", "Whether a call with it is refused.", static part => part.Forbidden, static (part, value) => part with { Forbidden = value }, Flag),
        new Member<ArgumentPolicy, ArgumentPathPolicy?>("path", "It is the path of a file, judged in its canonical form; null: it is not.", static part => part.Path, static (part, value) => part with { Path = value }, new OptionalShape<ArgumentPathPolicy>(Path)),
        new Member<ArgumentPolicy, ArgumentUrlPolicy?>("url", "It is a URL or a host, judged in its canonical form; null: it is not.", static part => part.Url, static (part, value) => part with { Url = value }, new OptionalShape<ArgumentUrlPolicy>(Url)),
        new Member<ArgumentPolicy, ArgumentCommandPolicy?>("command", "It is a command line, judged word by word; null: it is not.", static part => part.Command, static (part, value) => part with { Command = value }, new OptionalShape<ArgumentCommandPolicy>(Command)),
        new Member<ArgumentPolicy, IReadOnlyList<string>?>("from", "Where its value may come from: user, system, or globs over names of tools, of which a field must be the value; null: anywhere.", static part => part.From, static (part, value) => part with { From = value }, List(ArgumentKinds.Source)),
        new Member<ArgumentPolicy, IReadOnlyList<string>>("restore", "Kinds of personal data that may stand in it, in lower case, * for all: the function gets the value in place of its placeholder.", static part => part.Restore, static (part, value) => part with { Restore = value }, new ListShape(ArgumentKinds.Personal)),
        new Member<ArgumentPolicy, Otherwise>("otherwise", "What happens when it does not hold.", static part => part.Otherwise, static (part, value) => part with { Otherwise = value }, new ChoiceShape<Otherwise>(("block", Otherwise.Block), ("ask", Otherwise.Ask))));

    /// <summary>The rules of a tool.</summary>
    public static MapShape<ArgumentPolicy> Arguments { get; } = new(Argument, MapKeys.Arguments);

    private static OptionalShape<IReadOnlyList<string>> List(TextKind kind) => new(new ListShape(kind));
}
