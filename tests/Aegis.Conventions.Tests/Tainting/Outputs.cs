using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Alerting;
using Aegis.Auditing;
using Aegis.Events;
using Microsoft.Extensions.Logging;

namespace Aegis.Conventions.Tests.Tainting;

/// <summary>
/// Everything that can leave a process by way of Aegis, by channel: logs of Aegis at Trace level, and what others log of its exceptions, records of every audit transport, what is printed,
/// traced and counted, event sources, events, alerts. What an app is handed (exceptions, refusals, problem responses, health) its test adds.
/// </summary>
internal sealed class Outputs : ILoggerProvider, ISupportExternalScope, IEventSink, IAuditTransport, IDisposable
{
    private readonly ConcurrentQueue<(string Channel, string Text)> _all = new();
    private readonly TextWriter _out = Console.Out;
    private readonly TextWriter _error = Console.Error;
    private readonly TraceListener[] _others = [.. Trace.Listeners.Cast<TraceListener>()];
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters = new();
    private readonly Sources _sources;
    private readonly Traces _traces;
    private IExternalScopeProvider? _scopes;

    public Outputs()
    {
        Console.SetOut(new Printed(this, "output"));
        Console.SetError(new Printed(this, "error"));
        Trace.Listeners.Clear();   // else what is written here on purpose is in the results of the suite
        Trace.Listeners.Add(_traces = new(this));
        _sources = new(this);
        _activities = new()
        {
            ShouldListenTo = static source => source.Name.StartsWith("Aegis", StringComparison.Ordinal),
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Add("span", string.Join(' ', [
                activity.OperationName, activity.DisplayName, activity.StatusDescription, activity.TraceStateString,
                .. activity.TagObjects.Concat(activity.Events.SelectMany(static e => e.Tags)).Concat(activity.Links.SelectMany(static link => link.Tags ?? [])).Select(static tag => $"{tag.Key}={tag.Value}"),
                .. activity.Events.Select(static e => e.Name), .. activity.Baggage.Select(static pair => $"{pair.Key}={pair.Value}")])),
        };
        ActivitySource.AddActivityListener(_activities);
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Aegis", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        Measure<double>();
        Measure<long>();
        Measure<int>();
        Measure<decimal>();
        _meters.Start();
    }

    /// <summary>The channels that said something.</summary>
    public IReadOnlySet<string> Channels => _all.Select(static said => said.Channel).ToHashSet(StringComparer.Ordinal);

    /// <summary>What was said that must not be: the channel, and the words around.</summary>
    public IReadOnlyList<string> Hits => [.. _all.Where(static said => Taint.IsIn(said.Text)).Select(static said => $"{said.Channel}: {said.Text[..Math.Min(500, said.Text.Length)]}").Distinct()];

    public int Count => _all.Count;

    public void Add(string channel, string? text) => _all.Enqueue((channel, text ?? ""));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>The tool of an event stands in it as the model has named it, for the app; what is written of it is in the other channels.</summary>
    public void Write(AegisEvent e) => Add("event", $"{e.Type} {e.Policy} {e.PolicyHash} {e.By} {e.Reason} {e.Id} {JsonSerializer.Serialize(e.Verdict)}");

    public ValueTask WriteAsync(IReadOnlyList<AuditRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            Add("audit-transport", $"{record.ToJson()} {record}");
        }

        return default;
    }

    public ValueTask HearAsync(Alert alert, CancellationToken cancellationToken)
    {
        Add("alert", $"{alert.Summary} {JsonSerializer.Serialize(alert)}");
        return default;
    }

    public void Dispose()
    {
        Console.SetOut(_out);
        Console.SetError(_error);
        Trace.Listeners.Clear();
        Trace.Listeners.AddRange(_others);
        _meters.Dispose();
        _activities.Dispose();
        _sources.Dispose();
        _traces.Dispose();
    }

    private void Measure<T>()
        where T : struct => _meters.SetMeasurementEventCallback<T>((instrument, value, tags, _) =>
        Add("metric", $"{instrument.Name} {instrument.Description} {value} {string.Join(' ', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"))}"));

    private sealed class Logger(Outputs outputs, string category) : ILogger
    {
        private readonly bool _isOurs = category.StartsWith("Aegis", StringComparison.Ordinal);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => outputs._scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!_isOurs && !IsOfAegis(exception))
            {
                return;   // what frameworks say of an app's own exceptions and arguments is theirs
            }

            var text = new StringBuilder(formatter(state, exception)).Append(' ').Append(exception).Append(' ').AppendJoin(' ', state as IEnumerable<KeyValuePair<string, object?>> ?? []);
            outputs._scopes?.ForEachScope(static (scope, text) => text.Append(' ').Append(scope).Append(' ').AppendJoin(' ', scope as IEnumerable<KeyValuePair<string, object?>> ?? []), text);
            outputs.Add(_isOurs ? "log" : "log-of-others", $"{category}: {text}");
        }

        private static bool IsOfAegis(Exception? exception) => exception is AegisException || (exception is not null && IsOfAegis(exception.InnerException));
    }

    private sealed class Printed(Outputs outputs, string channel) : StringWriter(CultureInfo.InvariantCulture)
    {
        public override void Write(char value) => outputs.Add(channel, value.ToString());

        public override void Write(string? value) => outputs.Add(channel, value);

        public override void Write(char[] buffer, int index, int count) => outputs.Add(channel, new(buffer, index, count));

        public override void Write(ReadOnlySpan<char> buffer) => outputs.Add(channel, new(buffer));

        public override void Write(StringBuilder? value) => outputs.Add(channel, value?.ToString());

        public override Task WriteAsync(StringBuilder? value, CancellationToken cancellationToken = default)
        {
            outputs.Add(channel, value?.ToString());
            return Task.CompletedTask;
        }
    }

    private sealed class Traces(Outputs outputs) : TraceListener
    {
        public override void Write(string? message) => outputs.Add("trace", message);

        public override void WriteLine(string? message) => outputs.Add("trace", message);
    }

    private sealed class Sources(Outputs outputs) : EventListener
    {
        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name.Contains("Aegis", StringComparison.Ordinal))
            {
                EnableEvents(eventSource, EventLevel.Verbose, EventKeywords.All);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) => outputs?.Add("event-source", $"{eventData.EventName} {eventData.Message} {string.Join(' ', eventData.Payload ?? [])}");
    }
}
