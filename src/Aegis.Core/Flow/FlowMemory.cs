using Aegis.Flow.Reading;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>
/// What entered one session, as far as it is needed to say where an argument comes from: the words of the user and the host, whole fields of
/// what tools returned, and hashes of spans of their texts. Only added to; at most <see cref="MaxBytes"/>, then the oldest gives way, and what is
/// forgotten counts as coming from nobody. Thread-safe.
/// </summary>
internal sealed class FlowMemory
{
    /// <summary>Bytes of a full memory, at most.</summary>
    public const int MaxBytes = 65_536;

    private const int MaxUser = 3_904;        // characters; each is kept in two forms
    private const int MaxSystem = 3_072;
    private const int MaxMessage = 2_048;     // of which both ends are kept
    private const int MaxFields = 1_280;
    private const int MaxSources = 64;
    private const int MaxCalls = 32;
    private const int MaxLeaves = 64;
    private const int MaxTail = 192;          // characters
    private const int Whole = 1;
    private const int Forgotten = 2;
    /// <summary>The field in which addresses stand that were read.</summary>
    public const string Fetched = "(fetched)";

    private const string UserField = "user";       // of no tool
    private const string SystemField = "system";

    private readonly Lock _lock = new();
    private readonly List<TrustedText> _user = [];
    private readonly List<TrustedText> _system = [];
    private readonly SpanTable _spans = new();
    private readonly List<FieldSource> _sources = [];
    private readonly Queue<(ulong Call, string Tool, ToolEffect Effect, bool IsNamed)> _calls = new();
    private ulong[] _keys = [];
    private byte[] _keySources = [];
    private int _fields;
    private int _next;
    private int _labels;
    private int _forgotten;   // 0: not asked yet
    private UserRequest? _request = UserRequest.Nothing;
    private string _typed = "";
    private string _returned = "";

    /// <summary>What the session has taken in, also what a store has not been told yet.</summary>
    public SessionLabels Labels => (SessionLabels)Volatile.Read(ref _labels);

    /// <summary>What the user asked for last; without a user, what the host did.</summary>
    /// <remarks>Read when it is asked for: most sessions never ask.</remarks>
    public UserRequest Request
    {
        get
        {
            if (Volatile.Read(ref _request) is { } known)
            {
                return known;
            }

            lock (_lock)
            {
                return _request ??= UserRequest.Read((_user.Count > 0 ? _user : _system).ConvertAll(static text => text.Plain));   // an agent without a user does what its host says
            }
        }
    }

    /// <summary>Bytes that it takes, without the objects' headers.</summary>
    public int Size
    {
        get
        {
            lock (_lock)
            {
                return (sizeof(char) * (2 * (_user.Sum(static text => text.Plain.Length) + _system.Sum(static text => text.Plain.Length))))
                    + (_keys.Length * (sizeof(ulong) + 1)) + _spans.Size + (_sources.Count * 96) + (_calls.Count * 32) + (sizeof(char) * (_typed.Length + _returned.Length));
            }
        }
    }

    /// <summary>Whether the session had read something before this memory began: in another process, or before it gave way to other sessions'. Decided when it is asked first, for later the store may know of a result a little earlier than the memory.</summary>
    /// <param name="stored">What the store knows.</param>
    public bool HasForgotten(SessionLabels stored)
    {
        Interlocked.CompareExchange(ref _forgotten, (stored & ~Labels).HasFlag(SessionLabels.Untrusted) ? Forgotten : Whole, 0);
        return Volatile.Read(ref _forgotten) == Forgotten;
    }

    public void Add(SessionLabels labels) => Interlocked.Or(ref _labels, (int)labels);

    /// <summary>What the host itself says.</summary>
    public void AddSystem(string text)
    {
        lock (_lock)
        {
            if (Keep(_system, text, MaxSystem, FlowSource.System) && _user.Count == 0)
            {
                Volatile.Write(ref _request, null);
            }
        }
    }

    /// <summary>What a user typed.</summary>
    public void AddUser(string text)
    {
        lock (_lock)
        {
            if (Keep(_user, Own(text), MaxUser, FlowSource.User))
            {
                Volatile.Write(ref _request, null);
            }
        }
    }

    /// <summary>A call is about to run: its result will be known by it.</summary>
    public void AddCall(ulong call, string tool, ToolEffect effect, ToolArguments arguments)
    {
        lock (_lock)
        {
            var isNamed = false;
            for (var i = 0; i < Math.Min(arguments.Leaves.Count, MaxLeaves); i++)   // no closures: this runs for every call
            {
                var leaf = arguments.Leaves[i];
                isNamed = isNamed || (effect.RoleOf(leaf.Argument) is not (ArgumentRole.Plain or ArgumentRole.Content) && effect.Takes(leaf.Argument) && IsTyped(leaf.Value));
                if (effect.Reach == ToolReach.Fetch && leaf.IsText && WebAddress.IsUrl(leaf.Value))
                {
                    AddField(FlowText.Plain(leaf.Value.Trim()), new(tool, effect, Fetched, IsNamed: true, IsTrusted: false));
                }
            }

            if (_calls.Count == MaxCalls)
            {
                _calls.Dequeue();
            }

            _calls.Enqueue((call, tool, effect, isNamed));
        }
    }

    /// <summary>What a tool returned.</summary>
    public void AddResult(ToolResult result, ToolOrigin origin)
    {
        lock (_lock)
        {
            var (effect, isNamed) = CallOf(result);
            var isPrivate = origin.IsPrivate ?? effect.IsPrivate;
            var fields = origin.IsExternal ? [] : ResultReader.Read(result.Text, result.Data);
            var isOwn = effect is { Reach: ToolReach.Read, IsWritten: false } && !origin.IsExternal;
            if (fields.Count == 0 && isOwn)
            {
                fields = ResultReader.ReadLoosely(result.Text) is { Count: > 0 } loose ? loose : ResultReader.ReadItems(result.Text);
            }

            var named = fields.Count > 0 ? NamedRecords(fields, Request) : [];
            foreach (var field in fields)
            {
                var isWriter = isNamed && ToolEffectInference.Default.IsWriter(field.Name);
                var isOfNamed = field.Outer >= 0 && named.Contains(field.Outer) && ToolEffectInference.Default.IsMember(field.Within);
                var source = new FieldSource(result.Tool, effect, field.Name, (isNamed && isOwn) || isWriter || isOfNamed || named.Contains(field.Record) || (isOwn && WordForm.Of(field.Name.Replace('_', ' ')).Any(Request.Names)), origin.IsTrusted) { Within = ToolEffectInference.Default.IsMember(field.Within) ? field.Within : "" };
                AddField(FlowText.Plain(field.Value.Trim()), source);
                if (field.Value.Contains('<') && AddressList.Of(field.Value) is [var bare] && bare.Length < field.Value.Length)
                {
                    AddField(FlowText.Plain(bare), source);   // an address with the name before it
                }
            }

            if (fields.Count == 0 && isNamed && !origin.IsExternal && Labelled.Find(result.Text) is { Count: > 0 } labelled)
            {
                foreach (var (label, value) in labelled)
                {
                    AddField(FlowText.Plain(value), new(result.Tool, effect, label, IsNamed: true, origin.IsTrusted) { IsLabelled = true });
                }
            }

            foreach (var span in TextSpans.Of(result.Text, isPrivate))
            {
                _spans.Add(span, isPrivate, isNamed);
            }

            foreach (var sentence in TextSpans.Sentences(result.Text))
            {
                _spans.Add(sentence.Hash, isPrivate: false, isNamed: false);
            }
        }
    }

    /// <summary>The end of what the user typed so far, or of what came from elsewhere.</summary>
    public string TailOf(bool isTyped)
    {
        lock (_lock)
        {
            return isTyped ? _typed : _returned;
        }
    }

    /// <summary>A text that goes on: its end, behind those before it, for what is said in pieces.</summary>
    public void AddTail(string text, bool isTyped)
    {
        lock (_lock)
        {
            ref var tail = ref isTyped ? ref _typed : ref _returned;
            tail = text.Length >= MaxTail ? text[^MaxTail..] : $"{tail[Math.Max(0, tail.Length + text.Length + 1 - MaxTail)..]} {text}".TrimStart();
        }
    }

    /// <summary>Text that no tool returned and nobody vouches for: recalled memory, turns that a client sent back.</summary>
    public void AddText(string text)
    {
        lock (_lock)
        {
            foreach (var span in TextSpans.Of(text, isPrivate: false))
            {
                _spans.Add(span, isPrivate: false, isNamed: false);
            }
        }
    }

    /// <summary>Whether a text of the user or of the host holds a value whole.</summary>
    public FlowSource SourceOf(string value)
    {
        var plain = FlowText.Plain(value.Trim());
        lock (_lock)
        {
            return Holds(FlowSource.User, plain) ? FlowSource.User : Holds(FlowSource.System, plain) ? FlowSource.System : FlowSource.Model;
        }
    }

    /// <summary>Whether a text of the user, or of the host, holds a value whole.</summary>
    public bool IsFrom(string value, FlowSource source)
    {
        lock (_lock)
        {
            return Holds(source, FlowText.Plain(value.Trim()));
        }
    }

    /// <summary>Whether the user or the host says it letter for letter.</summary>
    public bool Says(string value)
    {
        var plain = FlowText.Plain(value.Trim());
        lock (_lock)
        {
            return TrustedText.Says(_user, plain) || TrustedText.Says(_system, plain);
        }
    }

    /// <summary>The fields that a value is, whole.</summary>
    public List<FieldSource> FieldsOf(string value)
    {
        lock (_lock)
        {
            return [.. SourcesOf(FlowText.Plain(value.Trim()))];
        }
    }

    /// <summary>Whether a tool has returned a span of text.</summary>
    public bool HasSpan(string plain)
    {
        lock (_lock)
        {
            return _spans.Contains(FlowText.Hash(plain));
        }
    }

    /// <summary>Whether a span of text stands in the result of a call whose object the user named.</summary>
    public bool HasNamedSpan(string plain)
    {
        lock (_lock)
        {
            return _spans.ContainsNamed(FlowText.Hash(plain));
        }
    }

    /// <summary>Whether a text has something of what tools returned that is private, and that the user has not said as well.</summary>
    public bool HasPrivate(string text)
    {
        lock (_lock)
        {
            HashSet<ulong>? said = null;
            return TextSpans.Of(text, isPrivate: true).Concat(TextSpans.Joined(text)).Any(span => _spans.ContainsPrivate(span) && !(said ??= [.. _user.SelectMany(static own => TextSpans.Of(own.Plain, isPrivate: true))]).Contains(span));
        }
    }

    /// <summary>Whether private spans had to be forgotten, so that nobody can say any more what is private.</summary>
    public bool HasForgottenPrivate
    {
        get
        {
            lock (_lock)
            {
                return _spans.HasLostPrivate;
            }
        }
    }

    /// <summary>Whether a text carries words or values that tools returned.</summary>
    public bool Carries(string text)
    {
        lock (_lock)
        {
            return TextSpans.Of(text, isPrivate: false).Any(_spans.Contains);
        }
    }

    /// <summary>A text that is kept whole holds it, or the values of one that is too long to be.</summary>
    private bool Holds(FlowSource source, string plain)
    {
        var (texts, field) = source == FlowSource.User ? (_user, UserField) : (_system, SystemField);
        return TrustedText.Holds(texts, plain) || SourcesOf(plain).Any(said => said.Tool.Length == 0 && said.Field == field);
    }

    private (ToolEffect Effect, bool IsNamed) CallOf(ToolResult result)
    {
        foreach (var (call, tool, effect, isNamed) in _calls)
        {
            if (call == result.CallHash && call != 0 && string.Equals(tool, result.Tool, StringComparison.Ordinal))
            {
                return (effect, isNamed);
            }
        }

        return (ToolEffectInference.Default.Of(new ToolInfo(result.Tool)), false);
    }

    private static HashSet<int> NamedRecords(List<ResultField> fields, UserRequest request)
    {
        var named = new HashSet<int>();
        foreach (var field in fields)
        {
            if (!named.Contains(field.Record) && (WordForm.Of(field.Value).Any(request.Names) || (request.Times.Count > 0 && TimesOfDay.In(field.Value, request.Times))))
            {
                named.Add(field.Record);
            }
        }

        return named;
    }

    /// <summary>Whether the user said it, or of a page its site.</summary>
    private bool IsTyped(string value) =>
        _user.Count > 0 && value.Length > 2 && !UserRequest.IsCommon(FlowText.Plain(value)) && (SourceOf(value) == FlowSource.User || (WebAddress.IsUrl(value) && SourceOf(WebAddress.Of(value).Host) == FlowSource.User));

    /// <summary>A user's text without the sentences that a tool has returned: who quotes what was read asks for nothing with it.</summary>
    public string OwnOf(string text)
    {
        lock (_lock)
        {
            return Own(text);
        }
    }

    private string Own(string text)
    {
        var own = text;
        foreach (var sentence in TextSpans.Sentences(text).Reverse())
        {
            if (_spans.Contains(sentence.Hash))
            {
                own = own.Remove(sentence.Start, sentence.Length);
            }
        }

        return own;
    }

    private bool Keep(List<TrustedText> texts, string text, int max, FlowSource source)
    {
        var plain = FlowText.Plain(text.Length <= MaxMessage ? text : $"{text[..(MaxMessage / 2)]}\n{text[^(MaxMessage / 2)..]}");
        if (texts.Exists(known => string.Equals(known.Plain, plain, StringComparison.Ordinal)))
        {
            return false;
        }

        if (text.Length > MaxMessage)
        {
            foreach (var value in TextSpans.Values(text))
            {
                AddField(value, new("", ToolEffectInference.Default.Of(new ToolInfo("")), source == FlowSource.User ? UserField : SystemField, IsNamed: true, IsTrusted: true));
            }
        }

        texts.Add(new(plain));
        while (texts.Sum(static kept => kept.Plain.Length) > max)
        {
            texts.RemoveAt(0);
        }

        return true;
    }

    private void AddField(string plain, FieldSource source)
    {
        if (plain.Length is 0 or > ResultReader.MaxValue)
        {
            return;
        }

        var index = _sources.FindIndex(known => known == source);
        if (index < 0)
        {
            if (_sources.Count == MaxSources)
            {
                return;   // what is not kept counts as coming from nobody
            }

            index = _sources.Count;
            _sources.Add(source);
        }

        var key = FlowText.Hash(plain);
        for (var at = Find(key, 0); at >= 0; at = Find(key, at + 1))
        {
            if (_keySources[at] == index)
            {
                return;
            }
        }

        if (_next == _keys.Length && _keys.Length < MaxFields)
        {
            var size = Math.Min(MaxFields, Math.Max(64, _keys.Length * 2));
            Array.Resize(ref _keys, size);
            Array.Resize(ref _keySources, size);
        }

        _next = _next == _keys.Length ? 0 : _next;
        (_keys[_next], _keySources[_next]) = (key, (byte)index);
        _fields = Math.Max(_fields, ++_next);
    }

    private IEnumerable<FieldSource> SourcesOf(string plain)
    {
        var key = FlowText.Hash(plain);
        for (var at = Find(key, 0); at >= 0; at = Find(key, at + 1))
        {
            yield return _sources[_keySources[at]];
        }
    }

    private int Find(ulong key, int from)
    {
        var at = _keys.AsSpan(from, Math.Max(0, _fields - from)).IndexOf(key);
        return at < 0 ? -1 : from + at;
    }
}
