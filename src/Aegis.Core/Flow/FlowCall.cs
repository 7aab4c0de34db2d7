using System.Collections.Immutable;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>One call that sends, changes or fetches something, against what entered its session.</summary>
internal sealed class FlowCall
{
    /// <summary>Values that are looked at.</summary>
    public const int MaxLeaves = 512;
    private const int MaxNames = 3;   // words of an address
    private const int MaxFolders = 16;

    private readonly ToolEffect _effect;
    private readonly ImmutableArray<ToolAction> _actions;
    private readonly ToolReach _reach;
    private readonly ToolArguments _arguments;
    private readonly FlowMemory _memory;
    private readonly UserRequest _request;
    private readonly List<(ArgumentLeaf Leaf, ArgumentRole Role)> _leaves;
    private readonly List<(ArgumentLeaf Leaf, ArgumentRole Role)> _unproven;

    public FlowCall(ToolEffect effect, ImmutableArray<ToolAction> actions, ToolReach reach, CompiledTool tool, ToolArguments arguments, FlowMemory memory)
    {
        (_effect, _actions, _reach, _arguments, _memory, _request) = (effect, actions, reach, arguments, memory, memory.Request);
        _leaves = [.. arguments.Leaves.Where(leaf => !leaf.IsKey || IsSaid(leaf, effect.RoleOf(leaf.Argument))).Select(leaf => (leaf, RoleOf(leaf)))];
        _unproven = _leaves.FindAll(leaf => !SourceGuard.IsVouchedFor(tool, leaf.Leaf, memory));
    }

    /// <summary>Whether it goes to nobody in particular, so that anybody may read it.</summary>
    public bool GoesAnywhere => _reach == ToolReach.Fetch || (_reach == ToolReach.Egress && !_leaves.Exists(static leaf => leaf.Role >= ArgumentRole.Recipient));

    /// <summary>Whether the user's request asks for such a doing with such an object. Where nobody has been heard there is nothing to compare with; destinations count as ever.</summary>
    /// <param name="isForgotten">Whether what the session was asked is not known any more.</param>
    public bool IsRequested(bool isForgotten)
    {
        if (!_request.IsKnown)
        {
            return !isForgotten;
        }

        if (ToolEffectInference.Default.Sensitive(_effect.Objects) is { Count: > 0 } sensitive && !_request.IsAbout(sensitive))
        {
            return false;
        }

        var objects = _leaves.FindAll(leaf => leaf.Role is not (ArgumentRole.Plain or ArgumentRole.Content) && _effect.Takes(leaf.Leaf.Argument));
        var isNamed = objects.Exists(leaf => IsNamed(leaf.Leaf.Value, leaf.Role));
        var isTyped = objects.Exists(leaf => IsTyped(leaf.Leaf.Value)) && objects.TrueForAll(leaf => leaf.Role != ArgumentRole.Id || IsNamed(leaf.Leaf.Value, leaf.Role));
        if (_actions.IsEmpty)
        {
            return _request.Acts && (_effect.Words.Any(_request.Has) || isTyped || _request.IsAbout(_effect.Objects));
        }

        return _request.Asks(_actions) ? isNamed || _request.AsksOutright(_actions) || _request.IsAbout(_effect.Objects) || _effect.Words.Any(_request.Has) || NamesCommand()
            : isTyped && !_request.IsUnderstood && !_actions.Any(static action => action.Targets);   // in a language whose verbs are not known
    }

    /// <summary>Destinations that nobody vouches for.</summary>
    public IEnumerable<FlowFault> Destinations()
    {
        foreach (var (leaf, role) in _unproven)
        {
            if (role >= ArgumentRole.Recipient && leaf.Value.Length > 0)
            {
                foreach (var part in role == ArgumentRole.Host ? [leaf.Value] : AddressList.Of(leaf.Value))
                {
                    if (Fault(part, role, leaf) is { } fault)
                    {
                        yield return new("flow/destination", $"{leaf.Path}: {fault}");
                        break;
                    }
                }
            }
            else if (_reach == ToolReach.Egress && leaf.Value.AsSpan().ContainsAny('\r', '\n') && ToolEffectInference.Default.IsLine(leaf.Name))
            {
                yield return new("flow/destination", $"{leaf.Path}: holds a line break, behind which whoever sends it may read another recipient");
            }
        }
    }

    /// <summary>Objects that only a text of others names, or that nobody has named for a doing that must be told what to do it to.</summary>
    public IEnumerable<FlowFault> References()
    {
        foreach (var (leaf, role) in _unproven)
        {
            if ((role is ArgumentRole.Id || (role is ArgumentRole.Name or ArgumentRole.Path && leaf.IsText)) && leaf.Value.Length > 0 && ReferenceFault(leaf.Value, role) is { } fault)
            {
                yield return new("flow/reference", $"{leaf.Path}: {fault}");
            }
        }
    }

    /// <summary>Addresses in what is said that nobody but a text, or the model, has put there.</summary>
    public IEnumerable<FlowFault> Links()
    {
        foreach (var (leaf, role) in _unproven)
        {
            if (role is not (ArgumentRole.Host or ArgumentRole.Recipient) && leaf.IsText && (_reach == ToolReach.Egress || ToolEffectInference.Default.IsCommand(leaf.Name)) && Tokens(leaf.Value).Any(IsForeignLink))
            {
                yield return new("flow/link", $"{leaf.Path}: holds an address that the user did not give");
            }
        }
    }

    /// <summary>Addresses that are read from, when nobody vouches for them or they carry something out.</summary>
    public IEnumerable<FlowFault> Addresses()
    {
        foreach (var (leaf, role) in _unproven)
        {
            if ((role == ArgumentRole.Host || WebAddress.IsOne(leaf.Value)) && leaf.Value.Length > 0 && AddressFault(leaf) is { } fault)
            {
                yield return new("flow/address", $"{leaf.Path}: {fault}");
            }
        }
    }

    /// <summary>Whether private data goes along, as it is, in parts, encoded, or put together from several arguments.</summary>
    /// <param name="isSound">Whether it goes where it may, so that the destination itself and the ids of what it is about do not count.</param>
    public bool CarriesPrivate(bool isSound)
    {
        var text = isSound ? string.Join(' ', _leaves.Where(leaf => _reach == ToolReach.Fetch ? leaf.Role != ArgumentRole.Host : leaf.Role is not (>= ArgumentRole.Recipient or ArgumentRole.Id)).Select(static leaf => leaf.Leaf.Value))
            : string.Join(' ', _leaves.Select(static leaf => leaf.Leaf.Value).Prepend(_arguments.Text));
        return text.Length > Encodings.MaxText || (_memory.HasForgottenPrivate && GoesAnywhere) || Encodings.Readings(text).Any(_memory.HasPrivate);   // what is too long to be read is taken for the worst
    }

    /// <summary>The words of a text between blanks and brackets.</summary>
    private static IEnumerable<string> Tokens(string text) => text.Split([' ', '\t', '\r', '\n', '"', '\'', '<', '>', '(', ')', '[', ']', '{', '}', ',', ';', '|', '`'], StringSplitOptions.RemoveEmptyEntries).Select(static token => token.TrimEnd('.', ':', '!', '?', '*'));

    /// <summary>Whether the user wrote it: a word that stands in every text does not count.</summary>
    private bool IsTyped(string value) =>
        value.Length > 1 && (value.Length > 3 || value.AsSpan().ContainsAnyInRange('0', '9')) && !UserRequest.IsCommon(FlowText.Plain(value)) && _memory.SourceOf(value) == FlowSource.User;

    /// <summary>Whether a statement that is run speaks of what the user speaks of.</summary>
    private bool NamesCommand() => Statement.Of(_arguments.Leaves, _effect) is { Tables.Count: > 0 } statement && statement.Tables.All(table => _request.Has(table) || _request.Has(WordForm.Stem(table)));

    /// <summary>Whether the name of a member says more than what stands in it.</summary>
    private static bool IsSaid(ArgumentLeaf leaf, ArgumentRole role) =>
        leaf.Value.AsSpan().ContainsAny("@./: ") || leaf.Value.Count(char.IsAsciiDigit) > 3 || (role >= ArgumentRole.Recipient && !ToolEffectInference.Default.IsKnown(leaf.Value));

    private ArgumentRole RoleOf(ArgumentLeaf leaf)
    {
        var role = _effect.RoleOf(leaf.Argument);
        if (!string.Equals(leaf.Name, leaf.Argument, StringComparison.Ordinal))
        {
            var inner = ToolEffectInference.Default.RoleOf(leaf.Name, null);
            role = inner >= ArgumentRole.Recipient || role < ArgumentRole.Recipient ? inner : role;
        }

        if (!leaf.IsText)
        {
            return role;
        }

        if (role == ArgumentRole.Recipient && _reach < ToolReach.Egress && IsPlace(leaf))
        {
            return ArgumentRole.Name;
        }

        var reads = role is ArgumentRole.Plain or ArgumentRole.Name or ArgumentRole.Path or ArgumentRole.Id
            ? WebAddress.IsMail(leaf.Value) || AddressList.Of(leaf.Value).Exists(WebAddress.IsMail) ? ArgumentRole.Recipient : WebAddress.IsUrl(leaf.Value) ? ArgumentRole.Host : role
            : role;
        return reads is ArgumentRole.Path or ArgumentRole.Name && _reach == ToolReach.Egress && ToolEffectInference.Default.IsAim(leaf.Name) && !IsPath(leaf.Value) ? ArgumentRole.Recipient : reads;
    }

    /// <summary>A street is no address of mail.</summary>
    private static bool IsPlace(ArgumentLeaf leaf) => leaf.Value.Contains(' ') && !leaf.Value.AsSpan().ContainsAny("@<>") && ToolEffectInference.Default.IsPlace(leaf.Name);

    private static bool IsPath(string value) => value.AsSpan().ContainsAny('/', '\\') && !value.Contains("//", StringComparison.Ordinal) && !value.Contains("\\\\", StringComparison.Ordinal);

    /// <summary>Whether it lies in a folder that the user or the host names as one: who names a file does not name what lies beside it.</summary>
    private bool IsInNamedFolder(string value)
    {
        if (!IsPath(value) || value.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        var end = value.LastIndexOfAny(['/', '\\']);
        for (var level = 0; level < MaxFolders && end > 1; level++)
        {
            if (_memory.Says(value[..end]))
            {
                return true;
            }

            end = value.LastIndexOfAny(['/', '\\'], end - 1);
        }

        return false;
    }

    private string? Fault(string value, ArgumentRole role, ArgumentLeaf leaf)
    {
        if (FlowText.IsObscured(value))
        {
            return "holds characters that cannot be seen or that look like others";
        }

        var bare = role is ArgumentRole.Channel or ArgumentRole.Recipient ? value.TrimStart('#', '@') : value;
        if (_memory.SourceOf(value) != FlowSource.Model || _memory.SourceOf(bare) != FlowSource.Model)
        {
            return null;
        }

        if (role == ArgumentRole.Host)
        {
            return AddressFault(leaf);
        }

        if (IsInNamedFolder(value) || (WebAddress.IsMail(value) && _memory.HasNamedSpan(FlowText.Plain(value)) && _memory.Says(value[(value.LastIndexOf('@') + 1)..])))
        {
            return null;   // a file of a folder that the user named, or somebody of a house on whose own page the user had the address looked up
        }

        return _memory.FieldsOf(value).Concat(_memory.FieldsOf(bare)).Any(source => Vouches(source, role, leaf, value)) ? null
            : _memory.HasSpan(FlowText.Plain(value)) ? "comes from what a tool returned, which is no directory of such"
            : "comes neither from the user nor from a directory";
    }

    /// <summary>Whether a whole field says where something of this kind may go.</summary>
    private bool Vouches(FieldSource source, ArgumentRole role, ArgumentLeaf leaf, string value)
    {
        if (source.IsTrusted)
        {
            return true;
        }

        var field = source.Field.Length == 0 ? role : ToolEffectInference.Default.RoleOf(source.Field, null);
        var isSameName = string.Equals(source.Field, leaf.Name, StringComparison.OrdinalIgnoreCase);
        if (source.IsLabelled)
        {
            return field == role || (field is ArgumentRole.Recipient or ArgumentRole.Account && role is ArgumentRole.Recipient or ArgumentRole.Account);
        }

        if (source.Effect.Reach is ToolReach.Write or ToolReach.Egress && !source.Effect.IsWritten && role == ArgumentRole.Channel)
        {
            return true;   // what an earlier call has made
        }

        if (source.Effect.IsDirectory)
        {
            return field == role || isSameName || field is ArgumentRole.Name or ArgumentRole.Id or ArgumentRole.Recipient or ArgumentRole.Account or ArgumentRole.Channel;
        }

        // Whoever writes a record writes all of it: it vouches only for the one whom the user named, asked to answer, or counted among those who take part; and never for money.
        return role is ArgumentRole.Recipient or ArgumentRole.Channel && ToolEffectInference.Default.IsCorrespondent(source.Field) && !_actions.Any(static action => action.Id == "pay")
            && (IsOfNamed(value)
                || (!source.Effect.IsWritten && _request.MeansField(source.Field, isOne: source.IsNamed))
                || (source.IsNamed && _request.MeansReply && ToolEffectInference.Default.IsWriter(source.Field))
                || (source.IsNamed && _request.MeansEveryone && (source.Within.Length > 0 || ToolEffectInference.Default.IsMember(source.Field) || ToolEffectInference.Default.IsWriter(source.Field))));
    }

    /// <summary>Whether an address has the name of somebody whom the user speaks of: it and hardly more.</summary>
    private bool IsOfNamed(string value)
    {
        string[] words = [.. WordForm.Of(value.Split('@')[0]).Take(MaxNames + 1)];
        return words.Length <= MaxNames && words.Any(_request.Names);
    }

    private string? AddressFault(ArgumentLeaf leaf)
    {
        if (FlowText.IsObscured(leaf.Value))
        {
            return "holds characters that cannot be seen or that look like others";
        }

        var address = WebAddress.Of(leaf.Value);
        if (_memory.SourceOf(leaf.Value) != FlowSource.Model || _memory.SourceOf(address.Bare) != FlowSource.Model)
        {
            return null;
        }

        var carries = address.Rest.Length > 0 && Encodings.Readings(string.Join(' ', address.Rest.Split(['/', '?', '&', '=', '#'])) + ' ' + address.Rest).Any(text => _memory.Carries(text) || _memory.HasPrivate(text));
        if (_memory.SourceOf(address.Host) != FlowSource.Model)
        {
            return carries ? "takes along what a tool returned" : null;
        }

        if (_reach == ToolReach.Fetch && _memory.FieldsOf(leaf.Value).Exists(static source => source.IsTrusted || source.Effect.Reach == ToolReach.Fetch))
        {
            return null;   // a link of a list of links, as it stands there, tells nobody anything
        }

        return _reach == ToolReach.Fetch && (_memory.HasSpan(FlowText.Plain(leaf.Value)) || _memory.HasSpan(address.Bare)) && _request.Asks(_actions.IsEmpty ? ToolEffectInference.Default.Fetching : _actions) && _request.IsAbout(ToolEffectInference.Default.WebObjects)
            ? null
            : carries ? "takes along what a tool returned" : "comes neither from the user nor, as it stands, from a list of links";
    }

    /// <summary>Whether the user named it, or, of an object, the record that it stands in.</summary>
    private bool IsNamed(string value, ArgumentRole role) =>
        (value.Length > 1 && _memory.SourceOf(value) == FlowSource.User) || _memory.FieldsOf(value).Exists(source => source.IsNamed && (role < ArgumentRole.Recipient || source.Effect.IsDirectory));

    private string? ReferenceFault(string value, ArgumentRole role)
    {
        if (role == ArgumentRole.Name && (TimesOfDay.IsOne(value) || (!_actions.IsEmpty && _actions.All(static action => action.Id == "create"))))
        {
            return null;   // a date names nothing, and what is made new has the name that it is given
        }

        if (_memory.SourceOf(value) != FlowSource.Model || IsInNamedFolder(value))
        {
            return null;
        }

        var targets = _actions.Any(static action => action.Targets);
        var fields = _memory.FieldsOf(value);
        if (fields.Count > 0)
        {
            return (role != ArgumentRole.Id && !targets) || _request.Selects || _request.MeansEveryone || fields.Exists(source => source.IsNamed || source.IsTrusted || (role == ArgumentRole.Name && !source.Effect.IsWritten && source.Effect.Words.Any(_request.Names))) ? null
                : "is of a record that the user's request does not speak of";
        }

        var plain = FlowText.Plain(value);
        if (!targets && role == ArgumentRole.Id && _memory.HasNamedSpan(plain))
        {
            return null;   // the user said where to read what is to be worked on
        }

        return _memory.HasSpan(plain) || _memory.HasSpan(FlowText.Words(plain)) ? "comes from text that a tool returned, neither from the user nor from a field of data"
            : targets || (role == ArgumentRole.Path && IsPath(value)) || (role == ArgumentRole.Id && _reach == ToolReach.Egress) ? "comes neither from the user nor from a field of data"
            : null;
    }

    private bool IsForeignLink(string value)
    {
        if (!WebAddress.IsOne(value) || _memory.SourceOf(value) != FlowSource.Model)
        {
            return false;
        }

        var address = WebAddress.Of(value);
        return _memory.SourceOf(address.Bare) == FlowSource.Model && _memory.SourceOf(address.Host) == FlowSource.Model
            && !_request.MeansLinks && !_memory.FieldsOf(value).Exists(static source => source.IsTrusted || source.Effect.IsDirectory || source.Field == FlowMemory.Fetched);
    }
}
