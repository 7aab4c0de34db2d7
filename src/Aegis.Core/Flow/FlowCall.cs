using System.Collections.Immutable;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>One call that sends, changes or fetches something, against what entered its session.</summary>
internal sealed class FlowCall
{
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
        _leaves = [.. arguments.Leaves.Select(leaf => (leaf, RoleOf(leaf)))];
        _unproven = _leaves.FindAll(leaf => !SourceGuard.IsVouchedFor(tool, leaf.Leaf, memory));
    }

    /// <summary>Whether it goes to nobody in particular, so that anybody may read it.</summary>
    public bool GoesAnywhere => _reach is ToolReach.Egress or ToolReach.Fetch && !_leaves.Exists(static leaf => leaf.Role >= ArgumentRole.Recipient);

    /// <summary>Whether the user's request asks for such a doing with such an object. Where nobody has been heard there is nothing to compare with; destinations count as ever.</summary>
    public bool IsRequested()
    {
        if (!_request.IsKnown)
        {
            return true;
        }

        var isNamed = _leaves.Exists(leaf => leaf.Role is not (ArgumentRole.Plain or ArgumentRole.Content) && IsNamed(leaf.Leaf.Value, leaf.Role));
        return _actions.IsEmpty ? _effect.Words.Any(_request.Has)
            : _request.Asks(_actions) ? isNamed || _request.AsksOutright(_actions) || _request.IsAbout(_effect.Objects) || _effect.Words.Any(_request.Has)
            : isNamed && !_request.IsUnderstood;
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
        }
    }

    /// <summary>Objects that only a text of others names, or that nobody has named for a doing that must be told what to do it to.</summary>
    public IEnumerable<FlowFault> References()
    {
        var targets = _actions.Any(static action => action.Targets);
        foreach (var (leaf, role) in _unproven)
        {
            if ((role is ArgumentRole.Id || (role is ArgumentRole.Name or ArgumentRole.Path && leaf.IsText)) && leaf.Value.Length > 0 && ReferenceFault(leaf.Value, role, targets && leaf.IsText) is { } fault)
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
            if (role is ArgumentRole.Content or ArgumentRole.Name && leaf.IsText && (_reach == ToolReach.Egress || ToolEffectInference.Default.IsCommand(leaf.Name)) && TextSpans.Values(leaf.Value).Any(IsForeignLink))
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
    public bool CarriesPrivate()
    {
        var text = string.Join(' ', _leaves.Select(static leaf => leaf.Leaf.Value).Prepend(_arguments.Text));
        return text.Length > Encodings.MaxText || Encodings.Readings(text).Any(_memory.HasPrivate);   // what is too long to be read is taken for the worst
    }

    private ArgumentRole RoleOf(ArgumentLeaf leaf)
    {
        var role = _effect.RoleOf(leaf.Argument);
        if (!string.Equals(leaf.Name, leaf.Argument, StringComparison.Ordinal))
        {
            var inner = ToolEffectInference.Default.RoleOf(leaf.Name, null);
            role = inner >= ArgumentRole.Recipient || role < ArgumentRole.Recipient ? inner : role;
        }

        return role is ArgumentRole.Plain or ArgumentRole.Name or ArgumentRole.Path or ArgumentRole.Id && leaf.IsText
            ? WebAddress.IsMail(leaf.Value) ? ArgumentRole.Recipient : WebAddress.IsUrl(leaf.Value) ? ArgumentRole.Host : role
            : role;
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

        if (source.Effect.IsDirectory)
        {
            return field == role || isSameName || field is ArgumentRole.Name or ArgumentRole.Id or ArgumentRole.Recipient or ArgumentRole.Account or ArgumentRole.Channel;
        }

        // Whoever writes a record writes all of it: it vouches only for the one whom the user named, asked to answer, or counted among those who take part; and never for money.
        return role is ArgumentRole.Recipient or ArgumentRole.Channel && ToolEffectInference.Default.IsCorrespondent(source.Field) && !_actions.Any(static action => action.Id == "pay")
            && (WordForm.Of(value.Split('@')[0]).Any(_request.Names)
                || (source.IsNamed && _request.MeansReply && ToolEffectInference.Default.IsWriter(source.Field))
                || (source.IsNamed && _request.MeansEveryone && ToolEffectInference.Default.IsMember(source.Field)));
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

        var carries = address.Rest.Length > 0 && Encodings.Readings(address.Rest).Any(_memory.Carries);
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

    private string? ReferenceFault(string value, ArgumentRole role, bool targets)
    {
        if (_memory.SourceOf(value) != FlowSource.Model)
        {
            return null;
        }

        var fields = _memory.FieldsOf(value);
        if (fields.Count > 0)
        {
            return role != ArgumentRole.Id || _request.Selects || _request.MeansEveryone || fields.Exists(static source => source.IsNamed || source.IsTrusted) ? null
                : "is of a record that the user's request does not speak of";
        }

        return _memory.HasSpan(FlowText.Plain(value)) || _memory.HasSpan(FlowText.Words(FlowText.Plain(value))) ? "comes from text that a tool returned, neither from the user nor from a field of data"
            : targets ? "comes neither from the user nor from a field of data"
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
            && !_request.MeansLinks && !_memory.FieldsOf(value).Exists(static source => source.IsTrusted || source.Effect.IsDirectory);
    }
}
