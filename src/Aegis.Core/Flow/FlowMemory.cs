using Aegis.Flow.Reading;
using Aegis.Tools;
using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>
/// What entered one session, as far as it is needed to say where an argument comes from: the words of the user and the host, whole fields of
/// what tools returned, and hashes of spans of their texts. Only added to; at most <see cref="MaxBytes"/>, then the oldest gives way, and what is
/// forgotten counts as coming from nobody. One that is shared says what was added to it, and takes up what was added elsewhere. Thread-safe.
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
    private readonly ulong _seed;
    private readonly Func<long>? _clock;
    private readonly List<TrustedText> _user = [];
    private readonly List<TrustedText> _system = [];
    private readonly SpanTable _spans = new();
    private readonly List<FieldSource> _sources = [];
    private readonly List<KnownCall> _calls = [];
    private ulong[] _keys = [];
    private byte[] _keySources = [];
    private int _fields;
    private int _next;
    private int _labels;
    private int _forgotten;   // 0: not asked yet
    private UserRequest? _request = UserRequest.Nothing;
    private string _typed = "";
    private string _returned = "";
    private FlowEntry? _news;   // null: not shared
    private long _latest;
    private bool _hasNews;
    private bool _tellsAll;

    /// <summary>A memory of this process.</summary>
    public FlowMemory() => _seed = FlowText.Seed;

    /// <summary>A memory that several processes share.</summary>
    /// <param name="seed">The key of hashes, the same in all of them.</param>
    /// <param name="clock">The time in ticks.</param>
    public FlowMemory(ulong seed, Func<long> clock) => (_seed, _clock, _news) = (seed, clock, new());

    private FlowMemory(FlowPicture picture)
    {
        _seed = picture.Seed;
        if (picture.IsShared)
        {
            (_clock, _news) = (static () => 0, new());
        }
    }

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
                    + (_keys.Length * (sizeof(ulong) + 1)) + _spans.Size + (_sources.Count * 96) + (_calls.Count * 40) + (sizeof(char) * (_typed.Length + _returned.Length));
            }
        }
    }

    /// <summary>Whether the session had read something before this memory began: in another process, or before it gave way to other sessions'. Decided when it is asked first, for later the store may know of a result a little earlier than the memory.</summary>
    /// <remarks>One that is shared may still hear of it, and says so itself when something is lost.</remarks>
    /// <param name="stored">What the store knows.</param>
    public bool HasForgotten(SessionLabels stored)
    {
        if (_clock is not null)
        {
            return Volatile.Read(ref _forgotten) == Forgotten || (stored & ~Labels).HasFlag(SessionLabels.Untrusted);
        }

        Interlocked.CompareExchange(ref _forgotten, (stored & ~Labels).HasFlag(SessionLabels.Untrusted) ? Forgotten : Whole, 0);
        return Volatile.Read(ref _forgotten) == Forgotten;
    }

    public void Add(SessionLabels labels)
    {
        if (((int)labels & ~Interlocked.Or(ref _labels, (int)labels)) != 0 && _clock is not null)
        {
            Volatile.Write(ref _hasNews, true);
        }
    }

    /// <summary>Whether something was added that others have not been told.</summary>
    public bool HasNews => Volatile.Read(ref _hasNews);

    /// <summary>What was added since it was taken last, or everything; null: nothing. Whoever takes it tells the others, or calls <see cref="TellAll"/>.</summary>
    public FlowEntry? TakeNews()
    {
        lock (_lock)
        {
            if (!_hasNews)
            {
                return null;
            }

            Volatile.Write(ref _hasNews, false);   // before what it is about is read: a label that comes now is told next time
            var news = _tellsAll || _news!.IsTooLong ? All() : _news;
            (_news, _tellsAll) = (new(), false);
            Describe(news);
            return news;
        }
    }

    /// <summary>Everything, as of now.</summary>
    public FlowEntry Everything()
    {
        lock (_lock)
        {
            var all = All();
            Describe(all);
            return all;
        }
    }

    /// <summary>It as it is now, for a replay.</summary>
    /// <param name="isWhole">Whether with what tools returned, and not with texts of the user and the host alone.</param>
    public FlowPicture Picture(bool isWhole)
    {
        lock (_lock)
        {
            var all = isWhole ? All() : new();
            if (!isWhole)
            {
                all.User.AddRange(_user);
                all.System.AddRange(_system);
            }

            Describe(all);
            return new(all, _seed, _typed, _returned, (byte)Volatile.Read(ref _forgotten), IsShared: _clock is not null);
        }
    }

    /// <summary>One as it was.</summary>
    public static FlowMemory Of(FlowPicture picture)
    {
        var memory = new FlowMemory(picture);
        memory.Merge(picture.Everything);
        (memory._typed, memory._returned, memory._forgotten) = (picture.Typed, picture.Returned, picture.Forgotten);
        return memory;
    }

    /// <summary>The next news are everything: nobody knows what others have heard.</summary>
    public void TellAll()
    {
        lock (_lock)
        {
            _tellsAll = true;
            Volatile.Write(ref _hasNews, true);
        }
    }

    /// <summary>Something of the session is lost for good: what is known goes on counting, and the worst is taken for the rest.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            Volatile.Write(ref _forgotten, Forgotten);
            _spans.LosePrivate();
            _tellsAll = true;
            Volatile.Write(ref _hasNews, true);
        }
    }

    /// <summary>Takes up what another memory of the session has heard.</summary>
    public void Merge(FlowEntry entry)
    {
        lock (_lock)
        {
            Interlocked.Or(ref _labels, (int)entry.Labels);
            if (entry.IsForgotten)
            {
                Volatile.Write(ref _forgotten, Forgotten);
            }

            if (entry.HasLostPrivate)
            {
                _spans.LosePrivate();
            }

            entry.System.ForEach(text => Put(_system, text, MaxSystem));
            foreach (var text in entry.User)
            {
                if (Put(_user, text, MaxUser))
                {
                    _typed = Tail(_typed, text.Plain);
                }
            }

            Volatile.Write(ref _request, null);
            entry.Fields.ForEach(field => Put(field.Key, field.Source));
            entry.Spans.ForEach(span => _spans.Add(span));
            entry.Calls.ForEach(Put);
        }
    }

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

            var made = new KnownCall(Now(), call, tool, effect, isNamed);
            Put(made);
            Tell(static (news, made) => news.Calls.Add(made), made);
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

            foreach (var span in TextSpans.Of(result.Text, isPrivate, _seed))
            {
                AddSpan(span, isPrivate, isNamed);
            }

            foreach (var sentence in TextSpans.Sentences(result.Text, _seed))
            {
                AddSpan(sentence.Hash, isPrivate: false, isNamed: false);
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
            tail = Tail(tail, text);
        }
    }

    private static string Tail(string before, string text) =>
        text.Length >= MaxTail ? text[^MaxTail..] : $"{before[Math.Max(0, before.Length + text.Length + 1 - MaxTail)..]} {text}".TrimStart();

    /// <summary>Text that no tool returned and nobody vouches for: recalled memory, turns that a client sent back.</summary>
    public void AddText(string text)
    {
        lock (_lock)
        {
            foreach (var span in TextSpans.Of(text, isPrivate: false, _seed))
            {
                AddSpan(span, isPrivate: false, isNamed: false);
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
            return _spans.Contains(FlowText.Hash(plain, _seed));
        }
    }

    /// <summary>Whether a span of text stands in the result of a call whose object the user named.</summary>
    public bool HasNamedSpan(string plain)
    {
        lock (_lock)
        {
            return _spans.ContainsNamed(FlowText.Hash(plain, _seed));
        }
    }

    /// <summary>Whether a text has something of what tools returned that is private, and that the user has not said as well.</summary>
    public bool HasPrivate(string text)
    {
        lock (_lock)
        {
            HashSet<ulong>? said = null;
            return TextSpans.Of(text, isPrivate: true, _seed).Concat(TextSpans.Joined(text, _seed)).Any(span => _spans.ContainsPrivate(span) && !(said ??= [.. _user.SelectMany(own => TextSpans.Of(own.Plain, isPrivate: true, _seed))]).Contains(span));
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
            return TextSpans.Of(text, isPrivate: false, _seed).Any(_spans.Contains);
        }
    }

    /// <summary>A text that is kept whole holds it, or the values of one that is too long to be.</summary>
    private bool Holds(FlowSource source, string plain)
    {
        var (texts, field) = source == FlowSource.User ? (_user, UserField) : (_system, SystemField);
        return TrustedText.Holds(texts, plain) || SourcesOf(plain).Any(said => said.Tool.Length == 0 && said.Field == field);
    }

    /// <summary>Whether the call is known that a result is of.</summary>
    public bool Knows(ToolResult result)
    {
        lock (_lock)
        {
            return _calls.Exists(call => call.Is(result.CallHash, result.Tool));
        }
    }

    private (ToolEffect Effect, bool IsNamed) CallOf(ToolResult result)
    {
        foreach (var call in _calls)
        {
            if (call.Is(result.CallHash, result.Tool))
            {
                return (call.Effect, call.IsNamed);
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
        foreach (var sentence in TextSpans.Sentences(text, _seed).Reverse())
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

        var said = new TrustedText(plain, Now());
        Put(texts, said, max);
        Tell(static (news, said) => (said.Source == FlowSource.User ? news.User : news.System).Add(said.Text), (Text: said, Source: source));
        return true;
    }

    /// <summary>In the order in which they were said, whoever hears of them first; the oldest gives way. Whether it is the last one.</summary>
    private bool Put(List<TrustedText> texts, TrustedText said, int max)
    {
        _latest = Math.Max(_latest, said.At);
        var known = texts.FindIndex(text => string.Equals(text.Plain, said.Plain, StringComparison.Ordinal));
        if (known >= 0 && texts[known].At <= said.At)
        {
            return false;
        }

        if (known >= 0)
        {
            texts.RemoveAt(known);
        }

        texts.Insert(texts.FindLastIndex(text => text.At < said.At || (text.At == said.At && string.CompareOrdinal(text.Plain, said.Plain) <= 0)) + 1, said);
        while (texts.Sum(static kept => kept.Plain.Length) > max)
        {
            texts.RemoveAt(0);
        }

        return texts.Count > 0 && ReferenceEquals(texts[^1], said);
    }

    private void Put(KnownCall made)
    {
        _latest = Math.Max(_latest, made.At);
        if (_calls.Exists(call => call.At == made.At && call.Is(made.Call, made.Tool)))
        {
            return;
        }

        _calls.Insert(_calls.FindLastIndex(call => call.At <= made.At) + 1, made);
        if (_calls.Count > MaxCalls)
        {
            _calls.RemoveAt(0);
        }
    }

    private void AddField(string plain, FieldSource source)
    {
        if (plain.Length is not (0 or > ResultReader.MaxValue) && FlowText.Hash(plain, _seed) is var key && Put(key, source))
        {
            Tell(static (news, field) => news.Fields.Add(field), (key, source));
        }
    }

    /// <summary>Keeps a field; whether that is news.</summary>
    private bool Put(ulong key, FieldSource source)
    {
        var index = _sources.FindIndex(known => known == source);
        if (index < 0)
        {
            if (_sources.Count == MaxSources)
            {
                return false;   // what is not kept counts as coming from nobody
            }

            index = _sources.Count;
            _sources.Add(source);
        }

        for (var at = Find(key, 0); at >= 0; at = Find(key, at + 1))
        {
            if (_keySources[at] == index)
            {
                return false;
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
        return true;
    }

    private void AddSpan(ulong hash, bool isPrivate, bool isNamed)
    {
        if (_spans.Add(hash, isPrivate, isNamed) is not 0 and var entry)
        {
            Tell(static (news, span) => news.Spans.Add(span), entry);
        }
    }

    private void Tell<T>(Action<FlowEntry, T> add, T what)
    {
        if (_news is not { } news)
        {
            return;
        }

        if (!_tellsAll && !news.IsTooLong)
        {
            add(news, what);
        }

        Volatile.Write(ref _hasNews, true);
    }

    /// <summary>Later than everything that is known, also where another clock is ahead.</summary>
    private long Now() => _latest = Math.Max(_latest + 1, _clock?.Invoke() ?? 0);

    private FlowEntry All()
    {
        var all = new FlowEntry();
        all.User.AddRange(_user);
        all.System.AddRange(_system);
        for (var i = 0; i < _fields; i++)
        {
            var at = _fields == _keys.Length ? (_next + i) % _fields : i;   // the oldest first
            all.Fields.Add((_keys[at], _sources[_keySources[at]]));
        }

        all.Spans.AddRange(_spans.Entries);
        all.Calls.AddRange(_calls);
        return all;
    }

    private void Describe(FlowEntry entry) =>
        (entry.Labels, entry.IsForgotten, entry.HasLostPrivate) = (Labels, Volatile.Read(ref _forgotten) == Forgotten, _spans.HasLostPrivate);

    private IEnumerable<FieldSource> SourcesOf(string plain)
    {
        var key = FlowText.Hash(plain, _seed);
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
